#include "endpoint.hpp"

#include <new>

namespace drywire::websocket {

connection::connection(role side, storage& memory, const limits& l, const tools& t) noexcept {
  static_assert(sizeof(endpoint) <= sizeof(space_) && alignof(endpoint) <= 8);
  ::new (static_cast<void*>(space_)) endpoint(side, memory, l, t);
}

connection::~connection() { self().~endpoint(); }

endpoint& connection::self() noexcept { return *std::launder(reinterpret_cast<endpoint*>(space_)); }
const endpoint& connection::self() const noexcept {
  return *std::launder(reinterpret_cast<const endpoint*>(space_));
}

void connection::advance(now t) noexcept { self().advance(t); }
connection::cursor connection::receive(mutable_bytes in) noexcept { return {*this, in}; }
void connection::receive_eof(bool clean) noexcept { self().receive_eof(clean); }

errc connection::send(kind what, const_bytes bytes, lifetime bytes_lifetime) noexcept {
  return self().send(what, bytes, bytes_lifetime);
}
errc connection::start_message(kind what) noexcept { return self().start_message(what); }
errc connection::send_piece(const_bytes bytes, lifetime bytes_lifetime) noexcept {
  return self().send_piece(bytes, bytes_lifetime);
}
errc connection::finish_message() noexcept { return self().finish_message(); }
errc connection::send_prepared(const prepared_message& frame, lifetime bytes_lifetime) noexcept {
  return self().send_prepared(frame, bytes_lifetime);
}
errc connection::send_ping(const_bytes payload) noexcept {
  return self().send_control(opcode::ping, payload);
}
errc connection::send_pong(const_bytes payload) noexcept {
  return self().send_control(opcode::pong, payload);
}
errc connection::close(std::uint16_t code, std::string_view reason) noexcept {
  return self().close(code, reason);
}
errc connection::hold() noexcept { return self().hold(); }
errc connection::resume() noexcept { return self().resume(); }
errc connection::abort() noexcept { return self().abort(); }

errc connection::apply(const command& wish) noexcept {
  if (const auto* w = std::get_if<wish::send>(&wish)) {
    return send(w->kind, w->bytes, w->bytes_lifetime);
  }
  if (const auto* w = std::get_if<wish::start_message>(&wish)) return start_message(w->kind);
  if (const auto* w = std::get_if<wish::send_piece>(&wish)) {
    return send_piece(w->bytes, w->bytes_lifetime);
  }
  if (std::holds_alternative<wish::finish_message>(wish)) return finish_message();
  if (const auto* w = std::get_if<wish::send_prepared>(&wish)) {
    return send_prepared(w->frame, w->bytes_lifetime);
  }
  if (const auto* w = std::get_if<wish::send_ping>(&wish)) return send_ping(w->payload);
  if (const auto* w = std::get_if<wish::send_pong>(&wish)) return send_pong(w->payload);
  if (const auto* w = std::get_if<wish::close>(&wish)) return close(w->code, w->reason);
  if (std::holds_alternative<wish::hold>(wish)) return hold();
  if (std::holds_alternative<wish::resume>(wish)) return resume();
  return abort();
}

output_view connection::output(std::size_t n) noexcept { return self().output(n); }
void connection::consume_output(std::size_t n) noexcept { self().consume_output(n); }
errc connection::retain_output() noexcept { return self().retain_output(); }
instant connection::deadline() const noexcept { return self().deadline(); }
bool connection::wants_input() const noexcept { return self().wants_input(); }
drywire::ending connection::ending() const noexcept { return self().ending(); }
std::size_t connection::queued() const noexcept { return self().queued(); }
bool connection::message_open() const noexcept { return self().message_open(); }

std::optional<event> connection::next(mutable_bytes& rest) noexcept { return self().next(rest); }

}  // namespace drywire::websocket
