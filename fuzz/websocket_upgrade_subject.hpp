// HTTP/1.1 that goes on as WebSocket, either side, under a fuzzer. Whether it does is decided by
// the functions of the handshake; whom they refuse, the subject of HTTP goes on with.
#pragma once

#include "http1_client_subject.hpp"
#include "http1_server_subject.hpp"
#include "switching_subject.hpp"
#include "websocket_subject.hpp"

#include <drywire/websocket/handshake.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace drywire {

template <websocket::role Side>
using upgraded_subject = websocket_subject<Side, websocket_compression::by_connection>;

// A server.

class upgrading_server_subject : public http1_server_subject {
 public:
  using http1_server_subject::http1_server_subject;

  void react(http1::server& server, const http1::server_event& event) {
    if (const auto* r = std::get_if<http1::request>(&event)) consider(*r->head);
    const bool at_end = std::holds_alternative<http1::request_end>(event);
    if (!at_end || !answer(server)) http1_server_subject::react(server, event);
  }

 private:
  void consider(const http1::request_head& head) {
    static constexpr std::array<std::string_view, 2> protocols{"superchat", "chat"};
    granted_ = nullptr;
    refused_ = std::nullopt;
    if (!websocket::asks_for_websocket(head)) return;
    refused_ = websocket::check_request(head);
    if (refused_) return;
    granted_ = std::make_shared<websocket::handshake_response>(
        head, websocket::choose_protocol(head, protocols),
        websocket::choose_deflate(head, upgraded_subject<websocket::role::server>::wanted()));
  }

  // False: nobody asked for WebSocket, or there is a response already.
  bool answer(http1::server& server) const {
    if (granted_ != nullptr) return server.switch_protocols(granted_->fields()) == errc::ok;
    return refused_ && server.respond(websocket::status_of(*refused_),
                                      websocket::refusal_fields(*refused_)) == errc::ok;
  }

  std::shared_ptr<websocket::handshake_response> granted_;
  std::optional<websocket::handshake_fault> refused_;
};

class upgraded_server_subject : public upgraded_subject<websocket::role::server> {
 public:
  using websocket_subject::websocket_subject;

  static machine make(storage& memory, const http1::server_switched& s) {
    return make_with(websocket::choose_deflate(*s.head, wanted()), memory);
  }

  void begin(machine& m, const http1::server_switched&) { websocket_subject::begin(m); }
};

// A client, whose first request is a handshake.

struct opening_handshake {
  websocket::compression wanted = upgraded_subject<websocket::role::client>::wanted();
  websocket::handshake_request request{upgraded_subject<websocket::role::client>::keys(),
                                       std::array<std::string_view, 1>{"chat"}, &wanted};
  std::vector<http1::field> fields{{"Host", "a"}};

  opening_handshake() {
    for (const http1::field& f : request.fields()) fields.push_back(f);
  }

  static const opening_handshake& only() {
    static const opening_handshake always_alike;
    return always_alike;
  }
};

class upgrading_client : public asking_client {
 public:
  upgrading_client(storage& memory, const http1::client_limits& limits)
      : asking_client(memory, limits, opening_handshake::only().fields) {}
};

class upgrading_client_subject : public http1_client_subject {
 public:
  using machine = upgrading_client;

  explicit upgrading_client_subject(testkit::choices decisions)
      : http1_client_subject(decisions, opening_handshake::only().fields) {}
};

class upgraded_client_subject : public upgraded_subject<websocket::role::client> {
 public:
  using websocket_subject::websocket_subject;

  static machine make(storage& memory, const http1::switched& s) {
    websocket::handshake_request::agreement to;
    static_cast<void>(opening_handshake::only().request.check_response(*s.head, to));
    return make_with(to.deflate, memory);
  }

  // Nothing may be said to who answers wrongly, RFC 6455 4.1.
  void begin(machine& m, const http1::switched& s) {
    websocket::handshake_request::agreement to;
    const auto wrong = opening_handshake::only().request.check_response(*s.head, to);
    wrong ? static_cast<void>(m.abort()) : websocket_subject::begin(m);
  }
};

/// Runs `Fuzz` with the side that such an input is for: what begins as a response is a client's.
template <template <class, class> class Fuzz>
void fuzz_upgrade(const_bytes bytes) {
  if (testkit::fuzz_input(bytes).wire.starts_with("HTTP/")) {
    Fuzz<upgrading_client_subject, upgraded_client_subject>::run(bytes);
  } else {
    Fuzz<upgrading_server_subject, upgraded_server_subject>::run(bytes);
  }
}

}  // namespace drywire
