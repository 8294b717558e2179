#include <drywire/adapters/websocket_outcome.hpp>

namespace drywire {

std::string_view to_string(websocket_end end) noexcept {
  switch (end) {
    case websocket_end::closed: return "closed";
    case websocket_end::fault: return "the other side broke off or broke WebSocket's rules";
    case websocket_end::aborted: return "aborted";
    case websocket_end::no_memory: return "no memory";
    case websocket_end::invalid_url: return "not a URL of the form ws://host[:port][/path][?query]";
    case websocket_end::wss_unsupported: return "wss:// is not supported yet";
    case websocket_end::invalid_options: return "the handshake can't be sent";
    case websocket_end::too_many: return "too many connections";
    case websocket_end::no_connection: return "no connection";
    case websocket_end::refused: return "refused";
    case websocket_end::bad_handshake: return "the server's handshake isn't WebSocket's";
    case websocket_end::bad_http: return "the server's answer isn't HTTP";
  }
  return "unknown";
}

std::string websocket_outcome::message() const {
  std::string text(to_string(end));
  const auto add = [&text](std::string_view what) { text.append(": ").append(what); };
  switch (end) {
    case websocket_end::closed:
      add(code == websocket::close_code::no_status ? "no code" : std::to_string(code));
      if (!reason.empty()) text.append(" ").append(reason);
      break;
    case websocket_end::fault: return std::string(websocket::to_string(fault));
    case websocket_end::invalid_options:
      if (wish != errc::ok) add(to_string(wish));
      break;
    case websocket_end::no_connection: return dial.message();
    case websocket_end::refused: add(std::to_string(status)); break;
    case websocket_end::bad_handshake: add(websocket::to_string(handshake)); break;
    case websocket_end::bad_http: add(http1::to_string(http)); break;
    case websocket_end::aborted:
    case websocket_end::no_memory:
    case websocket_end::invalid_url:
    case websocket_end::wss_unsupported:
    case websocket_end::too_many: break;
  }
  return text;
}

}  // namespace drywire
