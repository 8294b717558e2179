// One side of a connection: what it reads next, what time is left, and how it all ends.
//
//   open -> closing -> over         closing: our Close is queued, the peer's hasn't come
//     \-----------------^           over: both are, or there was a fault; input is eaten
//
// Frames are frame_reader's and frame_writer's, messages message_reader's and message_writer's.
#pragma once

#include "codec.hpp"
#include "control_store.hpp"
#include "frame_reader.hpp"
#include "message_reader.hpp"
#include "message_writer.hpp"

#include <drywire/websocket/connection.hpp>

#include <algorithm>
#include <array>

namespace drywire::websocket {

class endpoint {
 public:
  endpoint(role side, storage& memory, const limits& l, const tools& t) noexcept;
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  void advance(now t) noexcept;
  void receive_eof(bool clean) noexcept;
  std::optional<event> next(mutable_bytes& in) noexcept;

  errc send(kind what, const_bytes bytes, lifetime life) noexcept;
  errc start_message(kind what) noexcept;
  errc send_piece(const_bytes bytes, lifetime life) noexcept;
  errc finish_message() noexcept;
  errc send_prepared(const prepared_message& frame, lifetime life) noexcept;
  errc send_control(opcode what, const_bytes payload) noexcept;
  errc close(std::uint16_t code, std::string_view reason) noexcept;
  errc hold() noexcept;
  errc resume() noexcept;
  errc abort() noexcept;

  output_view output(std::size_t n) noexcept;
  void consume_output(std::size_t n) noexcept;
  errc retain_output() noexcept { return queue_.retain(); }
  instant deadline() const noexcept;
  bool wants_input() const noexcept;
  drywire::ending ending() const noexcept { return ending_; }

  std::size_t queued() const noexcept { return queue_.size() + last_words_; }
  bool message_open() const noexcept { return !over() && writer_.open(); }

 private:
  enum class phase : std::uint8_t { open, closing, over };
  enum class eof : std::uint8_t { none, clean, broken };
  // Whoever sends a few pings at once wants to see all of them answered; who sends more has enough
  // with 2 KiB of pongs.
  static constexpr std::uint8_t pongs_queued_max = 16;
  // Of the keep-alive: nothing to wait for, our ping is queued, or it has left.
  enum class pinging : std::uint8_t { no, queued, left };
  using maybe_event = std::optional<event>;

  // Steps of next(): an event, or nothing.
  maybe_event step(mutable_bytes& in) noexcept;
  maybe_event read(mutable_bytes& in) noexcept;
  maybe_event begin_frame() noexcept;
  maybe_event read_data(mutable_bytes& in) noexcept;
  maybe_event read_plain(mutable_bytes& in) noexcept;
  maybe_event read_compressed(mutable_bytes& in) noexcept;
  maybe_event tell(const_bytes bytes, bool last, std::optional<fault> wrong) noexcept;
  maybe_event read_control(mutable_bytes& in) noexcept;
  maybe_event answer(opcode what, const_bytes payload) noexcept;
  maybe_event answer_ping(const_bytes payload) noexcept;
  maybe_event answer_close(const_bytes payload) noexcept;
  maybe_event read_eof() noexcept;
  event fail(fault what) noexcept;

  bool message_is_due(mutable_bytes in) const noexcept;
  bool send_due_pong() noexcept;
  bool queue_pong(const_bytes payload) noexcept;
  void say_close(std::uint16_t code) noexcept;
  void rest() noexcept;

  bool over() const noexcept { return phase_ == phase::over; }
  errc turn() const noexcept;
  errc turn_of_message(bool started) const noexcept;
  errc admit(std::size_t bytes, lifetime life) noexcept;
  lifetime outliving(const_bytes bytes, lifetime life) const noexcept;
  errc after_wish(errc result) noexcept;
  message_deflater* deflater_of_pieces() noexcept;
  bool fin_is_due() const noexcept;

  void end(drywire::ending how) noexcept;
  void reset() noexcept;
  void be_late(fault what) noexcept;
  void ping() noexcept;
  void heard() noexcept;
  bool idles() const noexcept { return timed_ && phase_ == phase::open && !held_; }
  instant alive_deadline() const noexcept;
  instant message_deadline() const noexcept;
  instant after(duration timeout) const noexcept;
  void watch_output() noexcept;
  void watch_close() noexcept;

  limits limits_;
  output_queue queue_;
  frame_reader frames_;
  message_reader messages_;
  control_store controls_;
  message_writer writer_;
  codec codec_;
  const_bytes last_shown_;          // what output() showed of close_
  std::array<std::byte, 8> close_;  // behind the queue, when it found no memory for it
  std::uint64_t left_ = 0;          // bytes of output that have left so far
  std::uint64_t pong_end_ = 0;      // where in the output the last pong ends, if it hasn't left
  std::uint64_t ping_end_ = 0;      // ... our ping
  std::uint64_t close_end_ = 0;     // ... our Close
  instant now_;
  instant alive_since_;    // the last byte of the peer; or since when our ping waits for one
  instant message_since_;  // the last byte of the message that comes
  instant close_deadline_ = instant::never();
  instant output_deadline_ = instant::never();
  std::uint32_t pings_ = 0;      // since the last pong left
  std::uint8_t pongs_ = 0;       // queued since then
  std::uint8_t last_words_ = 0;  // bytes at the end of close_ that haven't left
  role side_;
  phase phase_ = phase::open;
  drywire::ending ending_ = drywire::ending::open;
  eof eof_ = eof::none;
  pinging pinging_ = pinging::no;
  std::optional<fault> late_;   // a deadline that has passed and wasn't told yet
  std::optional<fault> wrong_;  // ... what is wrong behind the piece that was told last
  bool inflating_ = false;      // the inflater has more to give without input
  bool room_told_ = false;      // the last event points into the codec's room
  bool timed_ = false;          // advance() was called: there is time
  bool held_ = false;
  bool wants_low_ = false;  // a wish was answered would_exceed
  bool some_left_ = false;  // since then: a byte of output
  bool fin_shown_ = false;
  bool fin_taken_ = false;
};

}  // namespace drywire::websocket
