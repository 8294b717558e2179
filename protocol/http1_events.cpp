// The connection's way from bytes to events.
#include "http1_connection.hpp"
#include "http1_grammar.hpp"

#include <utility>

namespace drywire::http1 {

std::optional<server_event> server_connection::next(const_bytes& in) noexcept {
  maybe_event event;
  do {
    again_ = false;
    event = step(in);
  } while (!event && again_);
  watch_output();
  return event;
}

server_connection::maybe_event server_connection::another_step() noexcept {
  again_ = true;
  return std::nullopt;
}

server_connection::maybe_event server_connection::step(const_bytes& in) noexcept {
  if (over_) {
    eat(in);
    if (ending_ == drywire::ending::draining && lingered_ > limits_.linger_bytes_max) {
      ending_ = drywire::ending::close;
    }
    return std::nullopt;
  }
  if (phase_ == phase::switched) return end_switched();
  if (auto event = tell_output()) return event;
  if (late_) return fail(*late_);
  if (eof_ == eof::broken) return fail_transport();
  switch (phase_) {
    case phase::start: return start_request(in);
    case phase::head: return read_head(in);
    case phase::body: return read_body(in);
    case phase::done:
      if (switches_) return begin_switched();
      return response_complete() ? end_exchange() : std::nullopt;
    case phase::last: return await_last_byte(in);
    case phase::switched: break;
  }
  return std::nullopt;
}

server_connection::maybe_event server_connection::tell_output() noexcept {
  if (marks_[0].exchange != 0 && left_ >= marks_[0].position) {
    const bool both = marks_[1].exchange != 0 && left_ >= marks_[1].position;
    const std::uint64_t last = marks_[both ? 1 : 0].exchange;
    marks_[0] = both ? mark{} : marks_[1];
    marks_[1] = {};
    return exchange_over{last};
  }
  if (wants_low_ && some_left_ && output_is_low()) {
    wants_low_ = false;
    return output_low{};
  }
  return std::nullopt;
}

server_connection::maybe_event server_connection::start_request(const_bytes& in) noexcept {
  if (closing_) return end_requests();
  // Who doesn't read responses gets no more of them.
  if (!output_is_low()) {
    input_deadline_ = instant::never();
    return std::nullopt;
  }
  if (const auto wrong = skip_empty_lines(in)) return fail(*wrong);
  if (in.empty()) {
    if (eof_ == eof::clean) return end_requests();
    if (input_deadline_ == instant::never()) wait(limits_.idle_timeout);
    return std::nullopt;
  }
  if (!grammar::is_token_char(as_text(in).front())) return fail(fault::not_a_request);
  if (!reader_.begin_request()) return fail(fault::no_memory);
  empty_lines_ = 0;
  phase_ = phase::head;
  wait(limits_.head_timeout);
  return another_step();
}

server_connection::maybe_event server_connection::end_requests() noexcept {
  phase_ = phase::last;
  input_deadline_ = instant::never();
  return another_step();
}

// That a response has left is told before all is over: then nothing is told any more.
server_connection::maybe_event server_connection::await_last_byte(const_bytes& in) noexcept {
  eat(in);
  if (marks_[0].exchange != 0) return std::nullopt;
  over_in_order();
  return another_step();
}

void server_connection::eat(const_bytes& in) noexcept {
  const std::uint64_t eaten = lingered_ + std::exchange(in, {}).size();
  lingered_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(eaten, UINT32_MAX));
}

// RFC 9112 2.2: an empty line before a request line is ignored, for the sake of old clients.
std::optional<fault> server_connection::skip_empty_lines(const_bytes& in) noexcept {
  for (; !in.empty(); in = in.subspan(1)) {
    const char c = as_text(in).front();
    if (saw_cr_) {
      if (c != '\n') return fault::bare_carriage_return;
      saw_cr_ = false;
      if (++empty_lines_ > limits_.empty_lines_max) return fault::too_many_empty_lines;
    } else if (c == '\r') {
      saw_cr_ = true;
    } else {
      return c == '\n' ? std::optional(fault::bare_line_feed) : std::nullopt;
    }
  }
  return std::nullopt;
}

server_connection::maybe_event server_connection::read_head(const_bytes& in) noexcept {
  switch (reader_.read_head(in)) {
    case message_reader::step::head: return begin_exchange();
    case message_reader::step::failed: return fail(reader_.error());
    default: return starve(fault::truncated_head, limits_.head_timeout);
  }
}

server_connection::maybe_event server_connection::begin_exchange() noexcept {
  const request_head& head = reader_.request();
  phase_ = phase::body;
  writer_.begin(head);
  body_.begin(head.body, head.content_length, limits_.body_bytes_max);
  continued_ = !head.expects_continue;
  input_deadline_ = instant::never();
  return request{&head, ++exchange_};
}

server_connection::maybe_event server_connection::read_body(const_bytes& in) noexcept {
  if (body_.complete()) return end_request();
  if (response_complete() && !body_.discarded()) {
    // Nobody wants the rest, and it is too much to be read for nothing.
    closing_ = true;
    return end_exchange();
  }
  if (body_.held() || (!body_.discarded() && !output_is_low())) {
    input_deadline_ = instant::never();
    return std::nullopt;
  }
  if (body_.exceeds()) return refuse_body();
  ask_for_body();
  const const_bytes offered = portion(in);
  const_bytes rest = offered;
  const_bytes piece;
  const body_reader::step result = body_.read(reader_, rest, piece);
  in = in.subspan(offered.size() - rest.size());
  if (rest.size() < offered.size()) wait(limits_.body_timeout);
  return tell_body(result, piece, in.empty());
}

server_connection::maybe_event server_connection::tell_body(body_reader::step what,
                                                            const_bytes piece,
                                                            bool all_taken) noexcept {
  switch (what) {
    case body_reader::step::piece:
      if (body_.discarded()) return another_step();
      return body{piece};
    case body_reader::step::trailers:
      if (body_.discarded()) return another_step();
      return trailers{reader_.trailers()};
    case body_reader::step::end: return another_step();
    case body_reader::step::too_large: return refuse_body();
    case body_reader::step::failed: return fail(reader_.error());
    case body_reader::step::starved: break;
  }
  return all_taken ? starve(fault::truncated_body, limits_.body_timeout) : another_step();
}

// Says 100 (Continue), once, whether or not some of the body is here already.
void server_connection::ask_for_body() noexcept {
  if (continued_ || body_.discarded() || writer_.now() != response_writer::state::open) return;
  continued_ = writer_.inform(100, {}) == errc::ok;
}

// As much of the input as an application can send back before the output isn't low any more. Where
// an echo stops must not depend on how its input was cut.
const_bytes server_connection::portion(const_bytes in) const noexcept {
  if (body_.discarded()) return in;
  const std::size_t room = limits_.output_low_bytes - queue_.size() + 1;
  return in.first(std::min(in.size(), room));
}

// The body is over its limit. That is nobody's fault if it was being read for nothing.
server_connection::maybe_event server_connection::refuse_body() noexcept {
  if (!response_complete()) return fail(fault::content_too_large);
  closing_ = true;
  return end_exchange();
}

server_connection::maybe_event server_connection::end_request() noexcept {
  phase_ = phase::done;
  input_deadline_ = instant::never();
  return request_end{};
}

server_connection::maybe_event server_connection::end_exchange() noexcept {
  // The first mark stays until it is passed; later ones grow together into the second.
  marks_[marks_[0].exchange == 0 ? 0 : 1] = {left_ + queued(), exchange_};
  reader_.release();
  writer_.end();
  phase_ = phase::start;
  wait(limits_.idle_timeout);
  return another_step();
}

server_connection::maybe_event server_connection::begin_switched() noexcept {
  phase_ = phase::switched;
  return server_switched{&reader_.request(), exchange_};
}

// The rest belongs to the next protocol.
server_connection::maybe_event server_connection::end_switched() noexcept {
  reader_.release();
  if (late_ || eof_ == eof::broken) {
    reset();
  } else if (eof_ == eof::clean) {
    over(drywire::ending::close);
  }
  return std::nullopt;
}

// There is nothing more to read now. If the peer's side has ended, there never will be.
server_connection::maybe_event server_connection::starve(fault truncated,
                                                         duration timeout) noexcept {
  if (eof_ == eof::clean) return fail(truncated);
  if (input_deadline_ == instant::never()) wait(timeout);
  return std::nullopt;
}

server_connection::maybe_event server_connection::fail_transport() noexcept {
  const bool idle = (phase_ == phase::start || phase_ == phase::last) && queued() == 0;
  reset();
  if (idle) return std::nullopt;
  return transport_failed{};
}

server_event server_connection::fail(fault what) noexcept {
  using state = response_writer::state;
  const state response = writer_.now();
  const bool cut = response == state::body || response == state::pulling;
  const bool unanswered = response == state::closed || response == state::open;
  if (what == fault::write_timeout || (cut && writer_.ends_by_close())) {
    // A body that only ends with the connection must not look complete.
    reset();
    return peer_error{what};
  }
  const unsigned status = status_of(what);
  if (unanswered && status != 0 && writer_.refuse(what) != errc::ok) {
    last_words_ = text_bytes(last_words(status));
  }
  over_in_order();
  return peer_error{what};
}

}  // namespace drywire::http1
