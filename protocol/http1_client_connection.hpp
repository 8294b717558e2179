// The client's connection: which part of a response is being read and for which request, what of
// the requests may leave, what time is left, and how it all ends. Reading is the reader's, writing
// the writer's.
//
//   start -> head -> (informed -> start ...) -> body -> done -> start ...     the response in
//   progress
//                 -> switched
//
// Requests that have begun are numbered. The response in progress is that of the first whose
// exchange isn't over.
#pragma once

#include "http1_body_reader.hpp"
#include "http1_request_writer.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <algorithm>

namespace drywire::http1 {

class client_connection {
 public:
  client_connection(storage& memory, const client_limits& l) noexcept;
  client_connection(const client_connection&) = delete;
  client_connection& operator=(const client_connection&) = delete;

  void advance(now t) noexcept;
  void receive_eof(bool clean) noexcept;
  std::optional<client_event> next(const_bytes& in) noexcept;

  errc send_request(const wish::send_request& r) noexcept;
  errc start_request(const wish::start_request& r) noexcept;
  errc send(const wish::send& s) noexcept;
  errc pull_from(body_source& source) noexcept;
  errc finish(field_list trailers) noexcept;
  errc stop_request() noexcept;
  errc raise_body_limit(std::uint64_t bytes) noexcept;
  errc hold_body(bool held) noexcept;
  errc discard_body() noexcept;
  errc shut_down() noexcept;
  errc abort() noexcept;

  output_view output(std::size_t n) noexcept;
  void consume_output(std::size_t n) noexcept;
  errc retain_output() noexcept { return queue_.retain(); }
  instant deadline() const noexcept {
    return std::min({input_deadline_, output_deadline_, expect_deadline_});
  }
  bool wants_input() const noexcept {
    return eof_ == eof::none && ending_ == drywire::ending::open;
  }
  drywire::ending ending() const noexcept { return ending_; }

  std::size_t outstanding() const noexcept { return static_cast<std::size_t>(begun_ - ended_); }
  bool takes_request() const noexcept { return turn_of_request() == errc::ok; }
  bool request_open() const noexcept { return turn_of_request_body() == errc::ok; }
  std::size_t queued() const noexcept { return queue_.size(); }

 private:
  enum class phase : std::uint8_t { start, head, informed, body, done, switched };
  enum class eof : std::uint8_t { none, clean, broken };
  // A request whose exchange isn't over.
  struct asked {
    std::uint64_t position = 0;  // of its first byte in all of the output
    asked_with with = asked_with::any;
    bool may_switch = false;
  };
  static constexpr std::uint64_t no_gate = UINT64_MAX;

  using maybe_event = std::optional<client_event>;

  // Steps of next(): an event, or nothing. Nothing ends it, unless there is to be another step.
  maybe_event step(const_bytes& in) noexcept;
  maybe_event another_step() noexcept;
  maybe_event rest(const_bytes in) noexcept;
  maybe_event start_response(const_bytes in) noexcept;
  maybe_event read_head(const_bytes& in) noexcept;
  maybe_event begin_message() noexcept;
  maybe_event inform(const response_head& head) noexcept;
  maybe_event switch_protocol(const response_head& head) noexcept;
  maybe_event begin_body(const response_head& head) noexcept;
  maybe_event read_body(const_bytes& in) noexcept;
  maybe_event end_response() noexcept;
  maybe_event end_exchange() noexcept;
  maybe_event end_switched() noexcept;
  maybe_event starve(fault truncated, duration timeout) noexcept;
  maybe_event fail_transport() noexcept;
  client_event fail(fault what) noexcept;

  bool ends() const noexcept { return closing_ || peer_closes_; }
  bool gone() const noexcept { return over_ || stopped_ || phase_ == phase::switched; }
  bool in_body() const noexcept { return phase_ == phase::body && !body_.complete(); }
  // All of the response was read, whether or not that was told.
  bool answered() const noexcept {
    return phase_ == phase::done || (phase_ == phase::body && body_.complete());
  }
  bool gated() const noexcept { return gate_ != no_gate; }
  asked& of_exchange(std::uint64_t number) noexcept {
    return asked_[number % client::requests_most];
  }
  const asked& of_exchange(std::uint64_t number) const noexcept {
    return asked_[number % client::requests_most];
  }
  std::uint64_t exchange() const noexcept { return ended_ + 1; }
  bool request_has_left() const noexcept;
  std::size_t due() const noexcept;

  errc turn_of_request() const noexcept;
  errc turn_of_request_body() const noexcept;
  errc turn_of_body() const noexcept;
  errc after_wish(errc result) noexcept;
  void begin_exchange(std::uint64_t position) noexcept;
  void open_gate() noexcept;
  void stop_sending() noexcept;

  void over(drywire::ending how) noexcept;
  void reset() noexcept { over(drywire::ending::reset); }
  void wait(duration timeout) noexcept { input_deadline_ = after(timeout); }
  instant after(duration timeout) const noexcept;
  void watch_output() noexcept;
  void watch_gate() noexcept;

  client_limits limits_;
  output_queue queue_;
  message_reader reader_;
  body_reader body_;
  request_writer writer_;
  asked asked_[client::requests_most];
  std::uint64_t begun_ = 0;  // exchanges
  std::uint64_t ended_ = 0;
  std::uint64_t left_ = 0;        // bytes that have left so far
  std::uint64_t gate_ = no_gate;  // bytes behind it wait for a 100 (Continue)
  instant now_;
  instant input_deadline_ = instant::never();
  instant output_deadline_ = instant::never();
  instant expect_deadline_ = instant::never();
  std::uint32_t informed_ = 0;  // 1xx since the last final response
  phase phase_ = phase::start;
  drywire::ending ending_ = drywire::ending::open;
  eof eof_ = eof::none;
  std::optional<fault> late_;  // a deadline that has passed and wasn't told yet
  bool again_ = false;         // another step
  bool timed_ = false;         // advance() was called: there is time
  bool over_ = false;          // the last event was told, or there will be none
  bool closing_ = false;       // no exchange behind those that have begun
  bool peer_closes_ = false;   // ... behind the one in progress
  bool stopped_ = false;       // our side ends where it is
  bool wants_low_ = false;     // a wish was answered would_exceed
  bool some_left_ = false;     // since then: a byte of output
  bool fin_shown_ = false;
  bool fin_taken_ = false;
};

}  // namespace drywire::http1
