#include "http1_client_connection.hpp"

#include <algorithm>
#include <utility>

namespace drywire::http1 {

namespace {

client_limits fit(const storage& memory, client_limits l) noexcept {
  limits& shared = l;
  shared = message_reader::fit_to(memory, shared);
  l.requests_max = std::clamp<std::uint32_t>(l.requests_max, 1, client::requests_most);
  return l;
}

}  // namespace

client_connection::client_connection(storage& memory, const client_limits& l) noexcept
    : limits_(fit(memory, l)),
      queue_(memory),
      reader_(memory, memory, limits_),
      writer_(queue_, limits_) {}

// Facts.

void client_connection::advance(drywire::now t) noexcept {
  const bool first = !std::exchange(timed_, true);
  now_ = first ? t.steady : std::max(now_, t.steady);
  if (first) {
    watch_output();
    watch_gate();
    if (outstanding() == 0 && !over_) wait(limits_.idle_timeout);
  }
  if (now_ >= expect_deadline_) open_gate();
  if (now_ >= input_deadline_) {
    input_deadline_ = instant::never();
    if (in_body() && due() != 0) {
      wait(limits_.body_timeout);  // drivers may keep input back while output doesn't leave
    } else if (!answered()) {
      late_ = phase_ == phase::head   ? fault::head_timeout
              : phase_ == phase::body ? fault::body_timeout
              : outstanding() == 0    ? fault::idle_timeout
                                      : fault::response_timeout;
    }
  }
  if (now_ >= output_deadline_) {
    output_deadline_ = instant::never();
    late_ = fault::write_timeout;
  }
}

void client_connection::receive_eof(bool clean) noexcept {
  // A transport can still fail behind the peer's FIN, but not end well after it failed.
  if (eof_ != eof::broken) eof_ = clean ? eof::clean : eof::broken;
  if (over_ && eof_ == eof::broken) reset();
}

// Wishes.

errc client_connection::send_request(const wish::send_request& r) noexcept {
  if (const errc e = turn_of_request(); e != errc::ok) return e;
  const std::uint64_t position = left_ + queue_.size();
  const errc result = writer_.send_request(r);
  if (result == errc::ok) begin_exchange(position);
  return after_wish(result);
}

errc client_connection::start_request(const wish::start_request& r) noexcept {
  if (const errc e = turn_of_request(); e != errc::ok) return e;
  const std::uint64_t position = left_ + queue_.size();
  const errc result = writer_.start(r);
  if (result == errc::ok) begin_exchange(position);
  return after_wish(result);
}

void client_connection::begin_exchange(std::uint64_t position) noexcept {
  const request_writer::outline& request = writer_.last();
  if (outstanding() == 0) input_deadline_ = instant::never();
  of_exchange(++begun_) = {position, request.with, request.may_switch};
  closing_ = closing_ || request.close;
  if (request.expects_continue) gate_ = left_ + request.head_end;
}

errc client_connection::send(const wish::send& s) noexcept {
  if (const errc e = turn_of_request_body(); e != errc::ok) return e;
  return after_wish(writer_.send(s.bytes, s.bytes_lifetime));
}

errc client_connection::pull_from(body_source& source) noexcept {
  if (const errc e = turn_of_request_body(); e != errc::ok) return e;
  return writer_.pull_from(source);
}

errc client_connection::finish(field_list trailers) noexcept {
  if (const errc e = turn_of_request_body(); e != errc::ok) return e;
  return after_wish(writer_.finish(trailers));
}

errc client_connection::stop_request() noexcept {
  if (gone()) return errc::connection_gone;
  const bool answered = phase_ == phase::body || phase_ == phase::done;
  if (!answered || exchange() != begun_ || request_has_left()) return errc::out_of_turn;
  closing_ = true;
  stop_sending();
  return errc::ok;
}

errc client_connection::raise_body_limit(std::uint64_t bytes) noexcept {
  if (const errc e = turn_of_body(); e != errc::ok) return e;
  body_.limit(bytes);
  return errc::ok;
}

errc client_connection::hold_body(bool held) noexcept {
  if (const errc e = turn_of_body(); e != errc::ok) return e;
  body_.hold(held);
  return errc::ok;
}

errc client_connection::discard_body() noexcept {
  if (const errc e = turn_of_body(); e != errc::ok) return e;
  body_.discard();
  return errc::ok;
}

errc client_connection::shut_down() noexcept {
  if (over_ || phase_ == phase::switched) return errc::connection_gone;
  closing_ = true;
  if (outstanding() == 0) over(drywire::ending::close);
  return errc::ok;
}

errc client_connection::abort() noexcept {
  if (ending_ == drywire::ending::reset) return errc::connection_gone;
  reset();
  return errc::ok;
}

errc client_connection::turn_of_request() const noexcept {
  if (gone() || ends() || eof_ != eof::none || late_) return errc::connection_gone;
  if (writer_.busy() || gated() || outstanding() >= limits_.requests_max) return errc::out_of_turn;
  // What comes behind a request that switches protocols isn't HTTP/1.1 any more.
  const bool may_switch = outstanding() > 0 && of_exchange(begun_).may_switch;
  return may_switch ? errc::out_of_turn : errc::ok;
}

errc client_connection::turn_of_request_body() const noexcept {
  if (gone()) return errc::connection_gone;
  return writer_.now() == body_writer::state::body ? errc::ok : errc::out_of_turn;
}

errc client_connection::turn_of_body() const noexcept {
  if (over_ || phase_ == phase::switched) return errc::connection_gone;
  return in_body() ? errc::ok : errc::out_of_turn;
}

errc client_connection::after_wish(errc result) noexcept {
  if (result == errc::would_exceed) {
    wants_low_ = true;
    some_left_ = false;
  }
  watch_output();
  return result;
}

// Results.

output_view client_connection::output(std::size_t n) noexcept {
  if (writer_.now() == body_writer::state::pulling && !gated()) {
    if (!writer_.pull(std::min<std::size_t>(n, limits_.output_low_bytes))) reset();
    watch_output();
  }
  output_view view{queue_.output(std::min(n, due()))};
  const bool fin_due = (over_ || stopped_) && ending_ != drywire::ending::reset && !fin_taken_;
  fin_shown_ = fin_due && view.size() == queue_.size();
  view.fin = fin_shown_;
  return view;
}

void client_connection::consume_output(std::size_t n) noexcept {
  n = queue_.consume(n);
  left_ += n;
  some_left_ = some_left_ || n > 0;
  if (std::exchange(fin_shown_, false) && queue_.empty()) fin_taken_ = true;
  if (n > 0) output_deadline_ = instant::never();
  watch_output();
  watch_gate();
}

// What of the queue may leave.
std::size_t client_connection::due() const noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(gate_ - left_, queue_.size()));
}

// The request of the exchange in progress is complete, and its last byte has left.
bool client_connection::request_has_left() const noexcept {
  if (exchange() < begun_) return left_ >= of_exchange(exchange() + 1).position;
  return !writer_.busy() && queue_.empty();
}

void client_connection::open_gate() noexcept {
  gate_ = no_gate;
  expect_deadline_ = instant::never();
  watch_output();
}

// What hasn't left never will, and our side ends here.
void client_connection::stop_sending() noexcept {
  queue_.clear();
  writer_.end();
  stopped_ = true;
  wants_low_ = false;
  open_gate();
}

// Ends. From here on input is eaten, and nothing is told. Nothing of ours is worth waiting for: a
// request that was cut can't look complete.

void client_connection::over(drywire::ending how) noexcept {
  stop_sending();
  over_ = true;
  ending_ = eof_ == eof::broken ? drywire::ending::reset : how;
  phase_ = phase::start;
  input_deadline_ = instant::never();
  reader_.release();
}

// Time.

instant client_connection::after(duration timeout) const noexcept {
  return timed_ ? now_ + timeout : instant::never();
}

// The output's deadline runs while there is something that may leave, and starts afresh with every
// byte that does.
void client_connection::watch_output() noexcept {
  if (due() == 0) {
    output_deadline_ = instant::never();
  } else if (output_deadline_ == instant::never()) {
    output_deadline_ = after(limits_.write_timeout);
  }
}

// The wait for a 100 (Continue) begins when the head has left, RFC 9110 10.1.1.
void client_connection::watch_gate() noexcept {
  const bool waits = gated() && left_ == gate_;
  if (waits && expect_deadline_ == instant::never()) {
    expect_deadline_ = after(limits_.expect_timeout);
  }
}

}  // namespace drywire::http1
