#include "http_connection.hpp"
#include "object_pool.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/websocket_outcome.hpp>

namespace drywire {

// The machine, as long as it is this exchange's turn there.
http1::server* exchange::machine() noexcept {
  if (connection_ == nullptr) return nullptr;
  const http1::server* const http = connection_->state().first();
  if (http == nullptr || http->exchange() != number_) return nullptr;
  return connection_->call().first();
}

endpoint exchange::peer() const noexcept { return connection_->transport()->peer(); }

exchange_handle exchange::handle() noexcept { return exchange_handle(*this); }

// The request's body.

void exchange::collect_body(std::size_t bytes_max, body_callback on_body) {
  reading_ = reading::collecting;
  on_body_ = std::move(on_body);
  static_cast<void>(raise_body_limit(bytes_max));
  ask_body();
}

void exchange::read_body(piece_callback on_piece) {
  reading_ = reading::pieces;
  on_piece_ = std::move(on_piece);
  ask_body();
}

errc exchange::raise_body_limit(std::uint64_t bytes) noexcept {
  http1::server* m = machine();
  return m == nullptr ? errc::connection_gone : m->raise_body_limit(bytes);
}

// Ends the hold under which a request waits whose handler didn't ask at once.
void exchange::ask_body() noexcept {
  if (http1::server* m = machine()) static_cast<void>(m->resume_body());
}

void exchange::take_body(const_bytes piece) noexcept {
  if (reading_ == reading::collecting) {
    collected_.insert(collected_.end(), piece.begin(), piece.end());
  } else if (reading_ == reading::pieces) {
    // Out of its place while it runs: it may ask for something else, and die by that.
    piece_callback running = std::move(on_piece_);
    running(*this, piece, false);
    if (!on_piece_) on_piece_ = std::move(running);
  }
}

void exchange::end_body() noexcept {
  const reading was = std::exchange(reading_, reading::done);
  if (was == reading::collecting) {
    body_callback running = std::move(on_body_);
    running(*this, collected_);
  } else if (was == reading::pieces) {
    piece_callback running = std::move(on_piece_);
    running(*this, {}, true);
  }
  // Whoever accepted one in the callback just now has switched already.
  if (was == reading::discarding && websocket_ != nullptr) {
    if (const errc e = switch_protocols(); e != errc::ok) fail_websocket(e);
  }
  answer_if_forgotten();
}

// The response.

errc exchange::respond(unsigned status, http1::field_list fields, std::string_view body) noexcept {
  http1::server* m = machine();
  if (m == nullptr) return errc::connection_gone;
  const errc e = m->respond(status, fields, text_bytes(body));
  if (e == errc::ok) connection_->count_response(status);
  return e;
}

errc exchange::respond_from(unsigned status, http1::field_list fields,
                            std::unique_ptr<owned_body_source> source,
                            std::optional<std::uint64_t> length) noexcept {
  http1::server* m = machine();
  if (m == nullptr) return errc::connection_gone;
  if (const errc e = start(status, fields, length); e != errc::ok) return e;
  const errc e = m->pull_from(*source);
  if (e == errc::ok) source_ = std::move(source);
  return e;
}

void exchange::pull_again() noexcept {
  if (connection_ != nullptr) static_cast<void>(connection_->call());
}

errc exchange::start(unsigned status, http1::field_list fields,
                     std::optional<std::uint64_t> length) noexcept {
  http1::server* m = machine();
  if (m == nullptr) return errc::connection_gone;
  const errc e = m->start_response(status, fields, length);
  if (e == errc::ok) connection_->count_response(status);
  return e;
}

errc exchange::send(const_bytes bytes) noexcept {
  http1::server* m = machine();
  return m == nullptr ? errc::connection_gone : m->send(bytes);
}

errc exchange::send_back(const_bytes piece) noexcept {
  http1::server* m = machine();
  return m == nullptr ? errc::connection_gone : m->send(piece, http1::lifetime::lent);
}

errc exchange::finish(http1::field_list trailers) noexcept {
  http1::server* m = machine();
  return m == nullptr ? errc::connection_gone : m->finish(trailers);
}

void exchange::abort() noexcept {
  if (connection_ != nullptr) connection_->abort();
}

// From the connection.

void exchange::begin(http_connection& connection, const http1::request& event) noexcept {
  connection_ = &connection;
  head_ = event.head;
  number_ = event.exchange;
}

void exchange::tell_drained() noexcept {
  if (!on_drained_) return;
  drained_callback running = std::move(on_drained_);
  running(*this);
  if (!on_drained_) on_drained_ = std::move(running);
}

// Nobody can answer any more: better to say so than to let the client wait.
void exchange::answer_if_forgotten() noexcept {
  const bool unread = reading_ == reading::collecting || reading_ == reading::pieces;
  if (references_ > 1 || unread || on_drained_ || on_end_ || websocket_ != nullptr) return;
  http1::server* m = machine();
  if (m == nullptr || !m->response_open()) return;
  // A response that was begun can't be replaced: it has to look cut off.
  if (respond(500) != errc::ok) static_cast<void>(m->abort());
}

void exchange::end(bool complete) noexcept {
  connection_ = nullptr;
  head_ = nullptr;
  trailers_ = {};
  reading_ = reading::none;
  collected_.clear();
  on_body_.reset();
  on_piece_.reset();
  on_drained_.reset();
  source_.reset();
  lose_websocket({.end = websocket_end::fault, .fault = websocket::fault::connection_lost});
  if (end_callback last = std::move(on_end_)) last(complete);
}

void exchange::release() noexcept {
  if (--references_ == 0) pool_->give_back(*this);
}

bool exchange::is_small() const noexcept { return collected_.capacity() <= spare_bytes_max; }

}  // namespace drywire
