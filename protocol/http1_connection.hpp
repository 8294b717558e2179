// The connection: which part of a request is being read, when the next one may begin, what time is
// left, and how it all ends. Reading is the reader's, writing the writer's.
//
//   start -> head -> body -> done -> start ...        the request in progress
//
// A request that is `done` waits for its response to be complete; then the exchange is over and
// the next one starts, or another protocol does, and input is looked at no more. When none may
// start, what is queued has to leave: `last`. Everything else ends in over(): from there input is
// eaten without events.
#pragma once

#include "http1_body_reader.hpp"
#include "http1_writer.hpp"

#include <drywire/protocol/http1_server.hpp>

namespace drywire::http1 {

class server_connection {
 public:
  server_connection(storage& memory, storage& beginnings, const limits& l) noexcept;
  server_connection(const server_connection&) = delete;
  server_connection& operator=(const server_connection&) = delete;

  void advance(now t) noexcept;
  void receive_eof(bool clean) noexcept;
  std::optional<server_event> next(const_bytes& in) noexcept;

  errc respond(const wish::respond& r) noexcept;
  errc start_response(const wish::start_response& r) noexcept;
  errc send(const wish::send& s) noexcept;
  errc pull_from(body_source& source) noexcept;
  errc finish(field_list trailers) noexcept;
  errc inform(unsigned status, field_list fields) noexcept;
  errc switch_protocols(field_list fields) noexcept;
  errc raise_body_limit(std::uint64_t bytes) noexcept;
  errc hold_body(bool held) noexcept;
  errc discard_body() noexcept;
  errc shut_down() noexcept;
  errc abort() noexcept;

  output_view output(std::size_t n) noexcept;
  void consume_output(std::size_t n) noexcept;
  errc retain_output() noexcept { return queue_.retain(); }
  instant deadline() const noexcept { return std::min(input_deadline_, output_deadline_); }
  bool wants_input() const noexcept;
  drywire::ending ending() const noexcept { return ending_; }

  std::uint64_t exchange() const noexcept { return in_exchange() ? exchange_ : 0; }
  bool response_open() const noexcept;
  std::size_t queued() const noexcept { return queue_.size() + last_words_.size(); }

 private:
  enum class phase : std::uint8_t { start, head, body, done, last, switched };
  enum class eof : std::uint8_t { none, clean, broken };
  // A place in the output behind the last byte of a response.
  struct mark {
    std::uint64_t position = 0;
    std::uint64_t exchange = 0;  // 0: not set
  };

  using maybe_event = std::optional<server_event>;

  // Steps of next(): an event, or nothing. Nothing ends it, unless there is to be another step.
  maybe_event step(const_bytes& in) noexcept;
  maybe_event another_step() noexcept;
  maybe_event tell_output() noexcept;
  maybe_event start_request(const_bytes& in) noexcept;
  maybe_event end_requests() noexcept;
  maybe_event await_last_byte(const_bytes& in) noexcept;
  maybe_event read_head(const_bytes& in) noexcept;
  maybe_event begin_exchange() noexcept;
  maybe_event read_body(const_bytes& in) noexcept;
  maybe_event tell_body(body_reader::step what, const_bytes piece, bool all_taken) noexcept;
  maybe_event refuse_body() noexcept;
  maybe_event end_request() noexcept;
  maybe_event end_exchange() noexcept;
  maybe_event begin_switched() noexcept;
  maybe_event end_switched() noexcept;
  maybe_event starve(fault truncated, duration timeout) noexcept;
  maybe_event fail_transport() noexcept;
  server_event fail(fault what) noexcept;

  std::optional<fault> skip_empty_lines(const_bytes& in) noexcept;
  void ask_for_body() noexcept;
  void eat(const_bytes& in) noexcept;
  const_bytes portion(const_bytes in) const noexcept;

  bool output_is_low() const noexcept { return queue_.size() <= limits_.output_low_bytes; }
  bool in_exchange() const noexcept { return phase_ == phase::body || phase_ == phase::done; }
  bool in_body() const noexcept { return phase_ == phase::body && !body_.complete(); }
  bool response_complete() const noexcept {
    return writer_.now() == response_writer::state::complete;
  }
  bool gone() const noexcept { return over_ || phase_ == phase::switched; }
  bool outlives_response() const noexcept;
  errc turn() const noexcept;
  errc turn_of_body() const noexcept;
  errc after_wish(errc result) noexcept;
  void response_completed() noexcept;

  void over(drywire::ending how) noexcept;
  void over_in_order() noexcept;
  void reset() noexcept;
  void wait(duration timeout) noexcept { input_deadline_ = after(timeout); }
  instant after(duration timeout) const noexcept;
  void watch_output() noexcept;

  limits limits_;
  output_queue queue_;
  message_reader reader_;
  body_reader body_;
  response_writer writer_;
  const_bytes last_words_;  // behind the queue, when it found no memory for them
  const_bytes last_shown_;  // what output() showed of them
  std::uint64_t exchange_ = 0;
  std::uint64_t left_ = 0;  // bytes that have left so far
  mark marks_[2];           // responses that haven't left; the later one grows
  instant now_;
  instant input_deadline_ = instant::never();
  instant output_deadline_ = instant::never();
  std::uint32_t lingered_ = 0;
  std::uint8_t empty_lines_ = 0;
  phase phase_ = phase::start;
  drywire::ending ending_ = drywire::ending::open;
  eof eof_ = eof::none;
  std::optional<fault> late_;  // a deadline that has passed and wasn't told yet
  bool again_ = false;         // another step
  bool timed_ = false;         // advance() was called: there is time
  bool over_ = false;          // the last event was told, or there will be none
  bool closing_ = false;       // no exchange after this one
  bool switches_ = false;      // another protocol after this one
  bool saw_cr_ = false;        // of an empty line
  bool continued_ = false;     // the 100 was sent, or nobody waits for it
  bool wants_low_ = false;     // a wish was answered would_exceed
  bool some_left_ = false;     // since then: a byte of output
  bool fin_shown_ = false;
  bool fin_taken_ = false;
};

}  // namespace drywire::http1
