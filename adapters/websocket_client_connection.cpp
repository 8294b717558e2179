#include "websocket_client_connection.hpp"

#include "http_url.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace drywire {

websocket_client_connection::websocket_client_connection(websocket_client& client,
                                                         websocket_peer& peer) noexcept
    : client_(client), peer_(peer) {
  peer.retain();
  peer.belong_to(this, owner());
}

websocket_client_connection::~websocket_client_connection() {
  peer_.end({.end = websocket_end::aborted});
  driver_.reset();
  peer_.lose_machine();
  peer_.release();
}

const websocket_owner& websocket_client_connection::owner() noexcept {
  using self = websocket_client_connection;
  static constexpr websocket_owner calls{
      .touch = [](void* c) noexcept { static_cast<void>(static_cast<self*>(c)->driver_->call()); },
      .abort = [](void* c) noexcept { static_cast<self*>(c)->abort(); },
      .transport = [](const void* c) noexcept { return static_cast<const self*>(c)->transport(); }};
  return calls;
}

// The way there.

websocket_client_connection::opening::opening(entropy& random, const websocket_options& o,
                                              const http::uri& url, http1::field_list more)
    : options(o), request(random, o.protocols, o.compression ? &*o.compression : nullptr) {
  std::size_t size = url.host.size() + url.path.size() + url.query.size() + 1;
  for (const http1::field& f : more) size += f.name.size() + f.value.size();
  std::string authority;
  append_authority(url, authority);
  text.reserve(size + authority.size());  // so that what is looked at stays where it is
  const auto keep = [this](std::string_view part) {
    const std::size_t at = text.size();
    text += part;
    return std::string_view(text).substr(at);
  };
  host = keep(url.host);
  keep(url.path.empty() ? "/" : url.path);
  keep(url.query);
  target = std::string_view(text).substr(host.size());
  const bool own_host = std::ranges::any_of(
      more, [](const http1::field& f) { return http1::equal_ignoring_case(f.name, "Host"); });
  if (!own_host) fields.push_back({"Host", keep(authority)});
  for (const http1::field& f : request.fields()) fields.push_back(f);
  for (const http1::field& f : more) fields.push_back({keep(f.name), keep(f.value)});
}

void websocket_client_connection::begin(std::string_view url, const websocket_options& options,
                                        http1::field_list fields) {
  const auto parsed = http::parse_uri(url);
  if (parsed && parsed->scheme == http::uri_scheme::wss) {
    return fail_later({.end = websocket_end::wss_unsupported});
  }
  if (!parsed || parsed->scheme != http::uri_scheme::ws) {
    return fail_later({.end = websocket_end::invalid_url});
  }
  opening_ = std::make_unique<opening>(*client_.resources_->keys, options, *parsed, fields);
  if (!opening_->request.valid()) return fail_later({.end = websocket_end::invalid_options});
  const websocket_client_options& o = client_.options_;
  dial_.emplace(client_.loop_, dial_options{o.connect_timeout, o.names, o.connect_to},
                static_cast<dial_handler&>(*this));
  dial_->start(opening_->host, parsed->port);
}

void websocket_client_connection::on_connected(stream& transport) noexcept {
  const websocket_client_options& o = client_.options_;
  http1::client_limits limits;
  limits.response_timeout = limits.head_timeout = o.handshake_timeout;
  driver_.emplace(client_.loop_.core(), transport, *this,
                  driver_options{.flush_timeout = o.close_timeout}, maker{this},
                  client_.handshakes_, limits);
  client_.loop_.core().arm(*this, client_.loop_.time().steady + o.handshake_timeout);
  const errc e = driver_->call().first()->send_request("GET", opening_->target, opening_->fields);
  if (e == errc::ok) return;
  fail(e == errc::no_memory ? websocket_outcome{.end = websocket_end::no_memory}
                            : websocket_outcome{.end = websocket_end::invalid_options, .wish = e});
}

// May be destroyed by that.
void websocket_client_connection::on_dial_failed(const http_outcome& why) noexcept {
  fail({.end = websocket_end::no_connection, .dial = why});
}

// The handshake.

void websocket_client_connection::on_event(machine::event& event) noexcept {
  if (auto* http = std::get_if<http1::client_event>(&event)) return on_http(*http);
  peer_.take(*std::get_if<websocket::event>(&event));
}

void websocket_client_connection::on_http(http1::client_event& event) noexcept {
  if (!peer_.open()) return;
  if (const auto* refusal = std::get_if<http1::response>(&event)) {
    refuse(*refusal->head);
  } else if (const auto* answer = std::get_if<http1::switched>(&event)) {
    peer_.handler_->on_response(peer_, *answer->head);
    begin_websocket();
  } else if (std::holds_alternative<http1::peer_closed>(event)) {
    fail({.end = websocket_end::bad_http, .http = http1::fault::unanswered});
  } else if (const auto* error = std::get_if<http1::peer_error>(&event)) {
    fail({.end = websocket_end::bad_http, .http = error->what});
  }
}

// Nobody reads the body: the head has to do.
void websocket_client_connection::refuse(const http1::response_head& head) noexcept {
  const unsigned status = head.status;
  peer_.handler_->on_response(peer_, head);
  if (!peer_.open()) return;
  http1::client& m = *driver_->call().first();
  static_cast<void>(m.shut_down());
  static_cast<void>(m.raise_body_limit(refused_body_bytes_max));
  static_cast<void>(m.discard_body());
  peer_.end({.end = websocket_end::refused, .status = status});
}

websocket_part websocket_client_connection::make_part(const http1::response_head& head) noexcept {
  websocket::handshake_request::agreement agreed;
  if (const auto wrong = opening_->request.check_response(head, agreed)) {
    failure_ = websocket_outcome{.end = websocket_end::bad_handshake, .handshake = *wrong};
    agreed = {};
  }
  const auto& offered = opening_->options.protocols;
  const auto ours = std::ranges::find(offered, agreed.protocol);
  if (ours != offered.end()) peer_.protocol_ = *ours;
  peer_.deflate_ = agreed.deflate;
  peer_.make_machine(opening_->options);
  peer_.retain();
  return websocket_part(peer_);
}

void websocket_client_connection::begin_websocket() noexcept {
  if (!peer_.open()) return;
  if (failure_) return fail(*std::exchange(failure_, std::nullopt));
  timer::cancel();
  dial_.reset();
  opening_.reset();
  peer_.begin();
}

// The end.

void websocket_client_connection::on_closed(error why) noexcept {
  const bool opened = driver_->machine().second() != nullptr;
  peer_.end(opened ? websocket_outcome{.end = websocket_end::fault,
                                       .fault = websocket::fault::connection_lost}
                   : websocket_outcome{.end = websocket_end::no_connection,
                                       .dial = {.end = http_end::transport_failed, .system = why}});
  client_.forget(*this);
}

// Without a connection yet there is nobody to destroy it later.
void websocket_client_connection::fail(const websocket_outcome& how) noexcept {
  timer::cancel();
  peer_.end(how);
  driver_ ? abort() : client_.forget(*this);
}

void websocket_client_connection::fail_later(const websocket_outcome& how) noexcept {
  dial_.reset();
  failure_ = how;
  client_.loop_.core().arm(*this, client_.loop_.time().steady);
}

void websocket_client_connection::on_timer() noexcept {
  if (failure_) return fail(*std::exchange(failure_, std::nullopt));
  fail({.end = websocket_end::bad_http, .http = http1::fault::response_timeout});
}

void websocket_client_connection::abort() noexcept {
  if (!driver_) return fail_later({.end = websocket_end::aborted});
  machine& m = driver_->call();
  static_cast<void>(m.first() != nullptr ? m.first()->abort()
                                         : m.second()->apply(websocket::wish::abort{}));
}

void websocket_client_connection::leave() noexcept {
  if (!peer_.open()) return;
  peer_.speaks() ? peer_.leave() : static_cast<void>(peer_.abort());
}

}  // namespace drywire
