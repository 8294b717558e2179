#include "http1_apply.hpp"
#include "http1_client_connection.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <new>

namespace drywire::http1 {

client::client(storage& memory, const client_limits& limits) noexcept {
  static_assert(sizeof(client_connection) <= sizeof(space_));
  static_assert(alignof(client_connection) <= alignof(client));
  new (space_) client_connection(memory, limits);
}

client::~client() { self().~client_connection(); }

client_connection& client::self() noexcept {
  return *std::launder(reinterpret_cast<client_connection*>(space_));
}

const client_connection& client::self() const noexcept {
  return *std::launder(reinterpret_cast<const client_connection*>(space_));
}

void client::advance(now t) noexcept { self().advance(t); }
client::cursor client::receive(mutable_bytes in) noexcept { return {*this, in}; }
void client::receive_eof(bool clean) noexcept { self().receive_eof(clean); }

errc client::send_request(std::string_view method, std::string_view target, field_list fields,
                          const_bytes body, lifetime body_lifetime) noexcept {
  return self().send_request({method, target, fields, body, body_lifetime});
}

errc client::start_request(std::string_view method, std::string_view target, field_list fields,
                           std::optional<std::uint64_t> length) noexcept {
  return self().start_request({method, target, fields, length});
}

errc client::send(const_bytes bytes, lifetime bytes_lifetime) noexcept {
  return self().send({bytes, bytes_lifetime});
}

errc client::pull_from(body_source& source) noexcept { return self().pull_from(source); }
errc client::finish(field_list trailers) noexcept { return self().finish(trailers); }
errc client::stop_request() noexcept { return self().stop_request(); }

errc client::raise_body_limit(std::uint64_t bytes) noexcept {
  return self().raise_body_limit(bytes);
}

errc client::hold_body() noexcept { return self().hold_body(true); }
errc client::resume_body() noexcept { return self().hold_body(false); }
errc client::discard_body() noexcept { return self().discard_body(); }
errc client::shut_down() noexcept { return self().shut_down(); }
errc client::abort() noexcept { return self().abort(); }

namespace {

struct granter : shared_granter<client_connection> {
  using shared_granter::operator();

  errc operator()(const wish::send_request& w) const { return to.send_request(w); }
  errc operator()(const wish::start_request& w) const { return to.start_request(w); }
  errc operator()(const wish::stop_request&) const { return to.stop_request(); }
};

}  // namespace

errc client::apply(const command& wish) noexcept { return apply_to(granter{{self()}}, wish); }

output_view client::output(std::size_t n) noexcept { return self().output(n); }
void client::consume_output(std::size_t n) noexcept { self().consume_output(n); }
errc client::retain_output() noexcept { return self().retain_output(); }
instant client::deadline() const noexcept { return self().deadline(); }
bool client::wants_input() const noexcept { return self().wants_input(); }
ending client::ending() const noexcept { return self().ending(); }
std::size_t client::outstanding() const noexcept { return self().outstanding(); }
bool client::takes_request() const noexcept { return self().takes_request(); }
bool client::request_open() const noexcept { return self().request_open(); }
std::size_t client::queued() const noexcept { return self().queued(); }

std::optional<client_event> client::next(mutable_bytes& rest) noexcept {
  const_bytes in = rest;
  auto told = self().next(in);
  rest = rest.last(in.size());
  return told;
}

}  // namespace drywire::http1
