// An exchange that goes on as WebSocket: a server's side of the opening handshake.
#include "http_connection.hpp"
#include "websocket_part.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/websocket/handshake.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace drywire {

bool exchange::accept_websocket(websocket_handler& handler) noexcept {
  return accept_websocket(handler, websocket_options{});
}

bool exchange::accept_websocket(message_callback on_message) noexcept {
  return accept_websocket(std::move(on_message), websocket_options{});
}

bool exchange::accept_websocket(message_callback on_message,
                                const websocket_options& options) noexcept {
  if (!may_become_websocket(options)) return false;
  websocket_handler* const handler = make_websocket_listener(std::move(on_message));
  if (handler == nullptr) {
    refuse_websocket(503);
    return false;
  }
  if (begin_websocket(*handler, without_pieces(options))) return true;
  destroy_websocket_listener(*handler);
  return false;
}

bool exchange::accept_websocket(websocket_handler& handler,
                                const websocket_options& options) noexcept {
  return may_become_websocket(options) && begin_websocket(handler, options);
}

// Answers the request if not, and if there is still somebody to answer.
bool exchange::may_become_websocket(const websocket_options& options) noexcept {
  const http1::server* const m = machine();
  if (m == nullptr || !m->response_open() || websocket_ != nullptr) return false;
  if (const auto wrong = websocket::check_request(*head_)) {
    refuse_websocket(websocket::status_of(*wrong), websocket::refusal_fields(*wrong));
    return false;
  }
  const bool anybody = std::ranges::find(options.origins, "*") != options.origins.end();
  if (anybody || websocket::origin_allowed(*head_, options.origins)) return true;
  refuse_websocket(403);
  return false;
}

bool exchange::begin_websocket(websocket_handler& handler,
                               const websocket_options& options) noexcept {
  websocket_peer* const peer = connection_->make_peer(handler);
  if (peer == nullptr) {
    refuse_websocket(503);
    return false;
  }
  websocket_ = peer;
  peer->retain();
  peer->protocol_ = websocket::choose_protocol(*head_, options.protocols);
  if (options.compression) {
    peer->deflate_ = websocket::choose_deflate(*head_, *options.compression);
  }
  peer->make_machine(options);
  if (reading_ == reading::done) {
    const errc e = switch_protocols();
    if (e == errc::ok) return true;
    peer->set_handler(deaf_websocket_handler());
    fail_websocket(e);
    return false;
  }
  reading_ = reading::discarding;
  http1::server& m = *machine();
  static_cast<void>(m.resume_body());
  static_cast<void>(m.discard_body());
  return true;
}

// Once the request is complete, RFC 9110 7.8.
errc exchange::switch_protocols() noexcept {
  http1::server* const m = machine();
  if (m == nullptr) return errc::connection_gone;
  const websocket::handshake_response answer(*head_, websocket_->protocol_, websocket_->deflate_);
  const errc e = m->switch_protocols(answer.fields());
  if (e == errc::ok) connection_->count_response(101);
  return e;
}

// The server is closing, or has no memory.
void exchange::fail_websocket(errc why) noexcept {
  const bool full = why == errc::no_memory || why == errc::would_exceed;
  lose_websocket({.end = full ? websocket_end::no_memory : websocket_end::aborted});
  refuse_websocket(503);
}

// Whoever waits for an answer that there is no memory for would wait for ever.
void exchange::refuse_websocket(unsigned status, http1::field_list fields) noexcept {
  const errc e = respond(status, fields);
  if (e == errc::no_memory || e == errc::would_exceed) abort();
}

void exchange::lose_websocket(const websocket_outcome& how) noexcept {
  websocket_peer* const peer = std::exchange(websocket_, nullptr);
  if (peer == nullptr) return;
  peer->end(how);
  peer->lose_machine();
  peer->release();
}

// The connection, behind the switch.

websocket_part websocket_maker::operator()(const http1::server_switched&) const noexcept {
  return websocket_part(*std::exchange(connection->newest_->websocket_, nullptr));
}

websocket_peer* http_connection::make_peer(websocket_handler& handler) noexcept {
  static constexpr websocket_owner owner{
      .touch =
          [](void* c) noexcept { static_cast<void>(static_cast<http_connection*>(c)->call()); },
      .abort = [](void* c) noexcept { static_cast<http_connection*>(c)->abort(); },
      .transport =
          [](const void* c) noexcept {
            return static_cast<const http_connection*>(c)->transport();
          }};
  auto* const made =
      new (std::nothrow) websocket_peer(websocket::role::server, *server_.websockets_, handler);
  if (made != nullptr) made->belong_to(this, owner);
  return made;
}

// Everything before has been answered, and the 101 is on its way.
void http_connection::begin_websocket() noexcept {
  while (oldest_ != nullptr) end_oldest(true);
  websocket_peer& peer = driver_.machine().second()->peer();
  peer.begin();
  if (server_.draining_) peer.leave();
}

}  // namespace drywire
