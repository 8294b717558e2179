// The client's way from bytes to events.
#include "http1_client_connection.hpp"

#include <utility>

namespace drywire::http1 {

std::optional<client_event> client_connection::next(const_bytes& in) noexcept {
  maybe_event event;
  do {
    again_ = false;
    event = step(in);
  } while (!event && again_);
  watch_output();
  return event;
}

client_connection::maybe_event client_connection::another_step() noexcept {
  again_ = true;
  return std::nullopt;
}

client_connection::maybe_event client_connection::step(const_bytes& in) noexcept {
  if (over_) {
    in = {};
    return std::nullopt;
  }
  if (phase_ == phase::switched) return end_switched();
  if (wants_low_ && some_left_ && queue_.size() <= limits_.output_low_bytes) {
    wants_low_ = false;
    return output_low{};
  }
  if (late_) return fail(*late_);
  if (eof_ == eof::broken && !answered()) return fail_transport();
  switch (phase_) {
    case phase::start: return outstanding() == 0 ? rest(in) : start_response(in);
    case phase::head: return read_head(in);
    case phase::informed:
      reader_.release();
      phase_ = phase::start;
      return another_step();
    case phase::body: return read_body(in);
    case phase::done: return end_exchange();
    case phase::switched: break;
  }
  return std::nullopt;
}

// No request is without its response.
client_connection::maybe_event client_connection::rest(const_bytes in) noexcept {
  if (ends()) {
    over(drywire::ending::close);
    return another_step();
  }
  // RFC 9112 9.2: this isn't a response, whatever it looks like.
  if (!in.empty()) return fail(fault::unsolicited_response);
  if (eof_ == eof::clean) {
    over(drywire::ending::close);
    return peer_closed{};
  }
  if (input_deadline_ == instant::never()) wait(limits_.idle_timeout);
  return std::nullopt;
}

client_connection::maybe_event client_connection::start_response(const_bytes in) noexcept {
  if (peer_closes_ || stopped_) return fail(fault::unanswered);
  if (in.empty()) {
    if (eof_ == eof::clean) return fail(fault::unanswered);
    const bool waits = request_has_left() && input_deadline_ == instant::never();
    if (waits) wait(limits_.response_timeout);
    return std::nullopt;
  }
  // What comes before a request has begun to leave was behind the response before it.
  const asked& request = of_exchange(exchange());
  if (left_ <= request.position) return fail(fault::unsolicited_response);
  if (as_text(in).front() != 'H') return fail(fault::not_a_response);
  if (!reader_.begin_response(request.with)) return fail(fault::no_memory);
  phase_ = phase::head;
  wait(limits_.head_timeout);
  return another_step();
}

client_connection::maybe_event client_connection::read_head(const_bytes& in) noexcept {
  switch (reader_.read_head(in)) {
    case message_reader::step::head: return begin_message();
    case message_reader::step::failed: return fail(reader_.error());
    default: return starve(fault::truncated_head, limits_.head_timeout);
  }
}

client_connection::maybe_event client_connection::begin_message() noexcept {
  const response_head& head = reader_.response();
  const bool connected =
      of_exchange(exchange()).with == asked_with::connect && head.status / 100 == 2;
  if (head.minor_version == 0) writer_.peer_is_old();
  input_deadline_ = instant::never();
  if (head.status == 101 || connected) return switch_protocol(head);
  return head.informational() ? inform(head) : begin_body(head);
}

// RFC 9110 15.2: any number of them may come before the final response; here there is a limit.
client_connection::maybe_event client_connection::inform(const response_head& head) noexcept {
  if (++informed_ > limits_.informational_max) return fail(fault::too_many_informational);
  if (head.status == 100 && exchange() == begun_) open_gate();
  phase_ = phase::informed;
  return informational{&head, exchange()};
}

// RFC 9110 7.8: only to what was asked for, which isn't 101 with CONNECT, and only behind the whole
// request.
client_connection::maybe_event client_connection::switch_protocol(
    const response_head& head) noexcept {
  const asked& request = of_exchange(exchange());
  const bool wanted = request.may_switch && !writer_.busy() && !gated();
  const bool upgrades = head.minor_version > 0 && request.with != asked_with::connect;
  if (!wanted || (head.status == 101 && !upgrades)) return fail(fault::unasked_switch);
  phase_ = phase::switched;
  return switched{&head, exchange()};
}

client_connection::maybe_event client_connection::begin_body(const response_head& head) noexcept {
  phase_ = phase::body;
  informed_ = 0;
  body_.begin(head.body, head.content_length, limits_.body_bytes_max);
  peer_closes_ = !head.keep_alive;
  // Who was to say that the body is wanted has said something else.
  const bool unwanted = gated() && exchange() == begun_;
  closing_ = closing_ || unwanted;
  // RFC 9112 9.5 and 9.6: nothing more is sent to a peer that is about to close.
  const bool sends = writer_.busy() || !queue_.empty();
  if (unwanted || (peer_closes_ && sends)) stop_sending();
  return response{&head, exchange()};
}

client_connection::maybe_event client_connection::read_body(const_bytes& in) noexcept {
  if (body_.complete()) return end_response();
  if (body_.held()) {
    input_deadline_ = instant::never();
    return std::nullopt;
  }
  const std::size_t offered = in.size();
  const_bytes piece;
  const body_reader::step result = body_.read(reader_, in, piece);
  if (in.size() < offered) wait(limits_.body_timeout);
  switch (result) {
    case body_reader::step::piece:
      if (body_.discarded()) return another_step();
      return body{piece};
    case body_reader::step::trailers:
      if (body_.discarded()) return another_step();
      return trailers{reader_.trailers()};
    case body_reader::step::end: return another_step();
    case body_reader::step::too_large: return fail(fault::content_too_large);
    case body_reader::step::failed: return fail(reader_.error());
    case body_reader::step::starved: break;
  }
  if (eof_ == eof::clean && body_.end_with_connection()) return another_step();
  return starve(fault::truncated_body, limits_.body_timeout);
}

client_connection::maybe_event client_connection::end_response() noexcept {
  phase_ = phase::done;
  input_deadline_ = instant::never();
  return response_end{!ends() && !stopped_ && eof_ == eof::none};
}

client_connection::maybe_event client_connection::end_exchange() noexcept {
  reader_.release();
  if (!stopped_ && !request_has_left()) {
    if (eof_ == eof::none) return std::nullopt;
    // The peer was content with what it had.
    stop_sending();
  }
  phase_ = phase::start;
  return exchange_over{++ended_};
}

// The rest belongs to the next protocol.
client_connection::maybe_event client_connection::end_switched() noexcept {
  reader_.release();
  if (late_) {
    reset();
  } else if (eof_ != eof::none) {
    over(drywire::ending::close);
  }
  return std::nullopt;
}

// There is nothing more to read now. If the peer's side has ended, there never will be.
client_connection::maybe_event client_connection::starve(fault truncated,
                                                         duration timeout) noexcept {
  if (eof_ == eof::clean) return fail(truncated);
  if (input_deadline_ == instant::never()) wait(timeout);
  return std::nullopt;
}

client_connection::maybe_event client_connection::fail_transport() noexcept {
  const bool idle = outstanding() == 0;
  const bool known = ends();
  reset();
  if (!idle) return transport_failed{};
  if (known) return std::nullopt;
  return peer_closed{};
}

client_event client_connection::fail(fault what) noexcept {
  over(what == fault::write_timeout ? drywire::ending::reset : drywire::ending::close);
  return peer_error{what};
}

}  // namespace drywire::http1
