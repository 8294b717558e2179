#include "http1_apply.hpp"
#include "http1_connection.hpp"

#include <drywire/protocol/http1_server.hpp>

#include <new>

namespace drywire::http1 {

server::server(storage& memory, storage& beginnings, const limits& limits) noexcept {
  static_assert(sizeof(server_connection) <= sizeof(space_));
  static_assert(alignof(server_connection) <= alignof(server));
  new (space_) server_connection(memory, beginnings, limits);
}

server::~server() { self().~server_connection(); }

server_connection& server::self() noexcept {
  return *std::launder(reinterpret_cast<server_connection*>(space_));
}

const server_connection& server::self() const noexcept {
  return *std::launder(reinterpret_cast<const server_connection*>(space_));
}

void server::advance(now t) noexcept { self().advance(t); }
server::cursor server::receive(mutable_bytes in) noexcept { return {*this, in}; }
void server::receive_eof(bool clean) noexcept { self().receive_eof(clean); }

errc server::respond(unsigned status, field_list fields, const_bytes body, lifetime body_lifetime,
                     std::string_view reason) noexcept {
  return self().respond({status, fields, body, body_lifetime, reason});
}

errc server::start_response(unsigned status, field_list fields, std::optional<std::uint64_t> length,
                            std::string_view reason) noexcept {
  return self().start_response({status, fields, length, reason});
}

errc server::send(const_bytes bytes, lifetime bytes_lifetime) noexcept {
  return self().send({bytes, bytes_lifetime});
}

errc server::pull_from(body_source& source) noexcept { return self().pull_from(source); }
errc server::finish(field_list trailers) noexcept { return self().finish(trailers); }

errc server::inform(unsigned status, field_list fields) noexcept {
  return self().inform(status, fields);
}

errc server::switch_protocols(field_list fields) noexcept {
  return self().switch_protocols(fields);
}

errc server::raise_body_limit(std::uint64_t bytes) noexcept {
  return self().raise_body_limit(bytes);
}

errc server::hold_body() noexcept { return self().hold_body(true); }
errc server::resume_body() noexcept { return self().hold_body(false); }
errc server::discard_body() noexcept { return self().discard_body(); }
errc server::shut_down() noexcept { return self().shut_down(); }
errc server::abort() noexcept { return self().abort(); }

namespace {

struct granter : shared_granter<server_connection> {
  using shared_granter::operator();

  errc operator()(const wish::respond& w) const { return to.respond(w); }
  errc operator()(const wish::start_response& w) const { return to.start_response(w); }
  errc operator()(const wish::inform& w) const { return to.inform(w.status, w.fields); }
  errc operator()(const wish::switch_protocols& w) const { return to.switch_protocols(w.fields); }
};

}  // namespace

errc server::apply(const command& wish) noexcept { return apply_to(granter{{self()}}, wish); }

output_view server::output(std::size_t n) noexcept { return self().output(n); }
void server::consume_output(std::size_t n) noexcept { self().consume_output(n); }
errc server::retain_output() noexcept { return self().retain_output(); }
instant server::deadline() const noexcept { return self().deadline(); }
bool server::wants_input() const noexcept { return self().wants_input(); }
ending server::ending() const noexcept { return self().ending(); }
std::uint64_t server::exchange() const noexcept { return self().exchange(); }
bool server::response_open() const noexcept { return self().response_open(); }
std::size_t server::queued() const noexcept { return self().queued(); }

std::optional<server_event> server::next(mutable_bytes& rest) noexcept {
  const_bytes in = rest;
  auto told = self().next(in);
  rest = rest.last(in.size());
  return told;
}

}  // namespace drywire::http1
