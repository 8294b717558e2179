#include "http1_connection.hpp"

#include <algorithm>
#include <utility>

namespace drywire::http1 {

server_connection::server_connection(storage& memory, storage& beginnings, const limits& l) noexcept
    : limits_(message_reader::fit_to(memory, l)),
      queue_(memory),
      reader_(memory, beginnings, limits_),
      writer_(queue_, limits_) {}

// Facts.

void server_connection::advance(drywire::now t) noexcept {
  const bool first = !std::exchange(timed_, true);
  now_ = first ? t.steady : std::max(now_, t.steady);
  writer_.set_time(t.unix_seconds);
  if (first && phase_ == phase::start && !over_) wait(limits_.idle_timeout);
  if (first) watch_output();
  if (now_ >= input_deadline_) {
    input_deadline_ = instant::never();
    if (over_) {
      ending_ = drywire::ending::close;
    } else if (in_body() && queued() != 0) {
      wait(limits_.body_timeout);  // drivers may keep input back from a peer that reads slowly
    } else {
      late_ = phase_ == phase::start  ? fault::idle_timeout
              : phase_ == phase::head ? fault::head_timeout
                                      : fault::body_timeout;
    }
  }
  if (now_ >= output_deadline_) {
    output_deadline_ = instant::never();
    over_ ? reset() : void(late_ = fault::write_timeout);
  }
}

void server_connection::receive_eof(bool clean) noexcept {
  // A transport can still fail behind the peer's FIN, but not end well after it failed.
  if (eof_ != eof::broken) eof_ = clean ? eof::clean : eof::broken;
  if (!over_ || ending_ == drywire::ending::reset) return;
  if (eof_ == eof::broken) return reset();
  ending_ = drywire::ending::close;
  input_deadline_ = instant::never();
}

// Wishes.

errc server_connection::respond(const wish::respond& r) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  const bool close = closing_ || !reader_.request().keep_alive || !outlives_response();
  const errc result = writer_.respond(r, close);
  if (result == errc::ok) response_completed();
  return after_wish(result);
}

errc server_connection::start_response(const wish::start_response& r) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  // Without a 100 nobody knows whether the body will come.
  const bool unsure = in_body() && !continued_;
  const errc result = writer_.start(r, closing_ || !reader_.request().keep_alive || unsure);
  if (result == errc::ok) closing_ = writer_.closes();
  return after_wish(result);
}

errc server_connection::send(const wish::send& s) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  return after_wish(writer_.send(s.bytes, s.bytes_lifetime));
}

errc server_connection::pull_from(body_source& source) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  const errc result = writer_.pull_from(source);
  if (result == errc::ok && response_complete()) response_completed();
  return result;
}

errc server_connection::finish(field_list trailers) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  const errc result = writer_.finish(trailers);
  if (result == errc::ok) response_completed();
  return after_wish(result);
}

errc server_connection::inform(unsigned status, field_list fields) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  if (status == 100 && (continued_ || !in_body())) return errc::out_of_turn;
  const errc result = writer_.inform(status, fields);
  if (result == errc::ok && status == 100) continued_ = true;
  return after_wish(result);
}

errc server_connection::switch_protocols(field_list fields) noexcept {
  if (const errc e = turn(); e != errc::ok) return e;
  // RFC 9110 7.8: the client sends the new protocol only behind its whole request.
  if (in_body() || closing_) return errc::out_of_turn;
  const errc result = writer_.switch_protocols(reader_.request(), fields, !continued_);
  if (result == errc::ok) switches_ = continued_ = true;
  return after_wish(result);
}

errc server_connection::raise_body_limit(std::uint64_t bytes) noexcept {
  if (const errc e = turn_of_body(); e != errc::ok) return e;
  body_.limit(bytes);
  return errc::ok;
}

errc server_connection::hold_body(bool held) noexcept {
  if (const errc e = turn_of_body(); e != errc::ok) return e;
  body_.hold(held);
  return errc::ok;
}

errc server_connection::discard_body() noexcept {
  if (const errc e = turn_of_body(); e != errc::ok) return e;
  body_.discard();
  return errc::ok;
}

errc server_connection::shut_down() noexcept {
  if (gone() || switches_) return errc::connection_gone;
  closing_ = true;
  if (phase_ != phase::start) return errc::ok;
  marks_[0].exchange == 0 ? over_in_order() : void(end_requests());
  return errc::ok;
}

errc server_connection::abort() noexcept {
  if (ending_ == drywire::ending::reset) return errc::connection_gone;
  reset();
  return errc::ok;
}

errc server_connection::turn() const noexcept {
  if (gone()) return errc::connection_gone;
  return in_exchange() ? errc::ok : errc::out_of_turn;
}

errc server_connection::turn_of_body() const noexcept {
  if (gone()) return errc::connection_gone;
  return in_body() ? errc::ok : errc::out_of_turn;
}

errc server_connection::after_wish(errc result) noexcept {
  if (result == errc::would_exceed) {
    wants_low_ = true;
    some_left_ = false;
  }
  watch_output();
  return result;
}

// True if another request may follow a response that is complete now: the rest of the body, if
// there is any, will come, and is short enough to be read for nothing.
bool server_connection::outlives_response() const noexcept {
  if (!in_body() || body_.discarded()) return true;
  return continued_ && body_.may_end_within(limits_.discard_bytes_max);
}

void server_connection::response_completed() noexcept {
  closing_ = closing_ || writer_.closes() || !outlives_response();
  if (!in_body() || body_.discarded() || closing_) return;
  body_.discard_up_to(limits_.discard_bytes_max);
}

// Results.

output_view server_connection::output(std::size_t n) noexcept {
  if (writer_.now() == response_writer::state::pulling) {
    if (!writer_.pull(std::min<std::size_t>(n, limits_.output_low_bytes))) reset();
    if (response_complete()) response_completed();
    watch_output();
  }
  output_view view{queue_.output(n)};
  if (queue_.empty() && !last_words_.empty() && n > 0) {
    last_shown_ = last_words_.first(std::min(n, last_words_.size()));
    view.pieces = {&last_shown_, 1};
  }
  const bool ends = phase_ == phase::last || (over_ && ending_ != drywire::ending::reset);
  fin_shown_ = ends && !fin_taken_ && view.size() == queued();
  view.fin = fin_shown_;
  return view;
}

void server_connection::consume_output(std::size_t n) noexcept {
  n = std::min(n, queued());  // a reset may have dropped what was shown
  const std::size_t from_queue = queue_.consume(n);
  last_words_ = last_words_.subspan(n - from_queue);
  left_ += n;
  some_left_ = some_left_ || n > 0;
  if (std::exchange(fin_shown_, false) && queued() == 0) {
    fin_taken_ = true;
    if (ending_ == drywire::ending::draining) wait(limits_.linger_timeout);
  }
  if (n > 0) output_deadline_ = instant::never();
  watch_output();
}

bool server_connection::wants_input() const noexcept {
  if (eof_ != eof::none) return false;
  return ending_ == drywire::ending::open || ending_ == drywire::ending::draining;
}

bool server_connection::response_open() const noexcept {
  using state = response_writer::state;
  return !over_ && (writer_.now() == state::open || writer_.now() == state::body);
}

// Ends.

// From here on input is eaten, and nothing is told.
void server_connection::over(drywire::ending how) noexcept {
  over_ = true;
  ending_ = how;
  phase_ = phase::start;
  input_deadline_ = instant::never();
  reader_.release();
  writer_.end();
  watch_output();
}

// The transport is closed behind our last byte, once the peer has closed its side, or time or bytes
// for that run out: an earlier close could take that last byte with it, RFC 9112 9.6.
void server_connection::over_in_order() noexcept {
  over(eof_ == eof::none ? drywire::ending::draining : drywire::ending::close);
  if (fin_taken_ && ending_ == drywire::ending::draining) wait(limits_.linger_timeout);
}

void server_connection::reset() noexcept {
  queue_.clear();
  last_words_ = {};
  over(drywire::ending::reset);
}

// Time.

instant server_connection::after(duration timeout) const noexcept {
  return timed_ ? now_ + timeout : instant::never();
}

// The output's deadline runs while there is something to write, a half-close too, and starts afresh
// with every byte that leaves.
void server_connection::watch_output() noexcept {
  const bool ends = phase_ == phase::last || ending_ == drywire::ending::draining;
  const bool fin_due = ends && !fin_taken_;
  if (queued() == 0 && !fin_due) {
    output_deadline_ = instant::never();
  } else if (output_deadline_ == instant::never()) {
    output_deadline_ = after(limits_.write_timeout);
  }
}

}  // namespace drywire::http1
