// Lines of text, each ended by LF: the smallest protocol that needs everything a protocol has.
//
// A CR before the LF belongs to the line's end. Both sides send lines at will; either ends its
// direction by a half-close, and the connection is over when both have. Facts enter by advance(),
// receive() and receive_eof(); wishes by apply() and its named twins; events come from the cursor,
// bytes from output(). Used from one thread at a time. docs/writing-a-protocol.md builds this file
// step by step.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace drywire::line {

/// What bounds a connection. Time only passes by advance(); a machine that isn't told the time has
/// no timeouts.
struct limits {
  /// Bytes before the LF; a block of the storage and `kept_bytes_max` bound it, too.
  std::size_t line_bytes_max = 4096;
  /// Queued and not written yet. Past it send() answers would_exceed.
  std::size_t output_bytes_max = 64 * 1024;
  /// From the start, or from the last line, until a line has come whole. Bytes alone don't count:
  /// a sender of one byte a minute would hold the connection for good.
  duration idle_timeout = seconds(60);
  /// How long, and for how many bytes, input is eaten behind a peer error, so that the transport
  /// doesn't drop our last words because it was closed with unread input.
  duration linger_timeout = seconds(2);
  std::size_t linger_bytes_max = 256 * 1024;
};

// Events.

/// One line, without its end. The view is valid until the cursor's next(), or until the lent bytes
/// die: it points into them, or into the machine's own block if the line came in several pieces.
struct text {
  const_bytes bytes;
};

/// The peer half-closed, between two lines. Our direction is still open.
struct end {};

enum class fault : std::uint8_t {
  line_too_long,    ///< no LF within line_bytes_max + 1 bytes
  forbidden_byte,   ///< NUL, or CR not before LF
  truncated,        ///< half-closed inside a line
  idle_timeout,     ///< no whole line for idle_timeout
  connection_lost,  ///< the transport failed, or was cut off
  no_memory,        ///< ours, not the peer's: no block for the part of a line
};

/// Always the last event. Output that was queued still leaves, save behind connection_lost.
struct peer_error {
  fault what;
};

[[nodiscard]] std::string_view to_string(fault f) noexcept;

using event = std::variant<text, end, peer_error>;

// Wishes.

/// Queues a copy of `bytes` and an LF.
struct send {
  const_bytes bytes;
};

/// Half-closes behind what is queued.
struct finish {};

using command = std::variant<send, finish>;

class cursor;

class connection {
 public:
  using event = line::event;
  using command = line::command;
  using cursor = line::cursor;

  explicit connection(storage& memory, const limits& limits = {}) noexcept;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  // Facts from outside.

  void advance(now t) noexcept;
  /// `in` is not written to, and has to live as long as the cursor.
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept;
  void receive_eof(bool clean) noexcept;

  // Wishes. out_of_turn after finish(), connection_gone after a peer error.

  /// invalid_argument: the line holds LF, CR or NUL. would_exceed: output_bytes_max. no_memory.
  errc send(const_bytes bytes) noexcept;
  errc finish() noexcept;
  errc apply(const command& wish) noexcept;

  // Results.

  [[nodiscard]] output_view output(std::size_t n) noexcept;
  void consume_output(std::size_t n) noexcept;
  errc retain_output() noexcept;
  [[nodiscard]] instant deadline() const noexcept { return deadline_; }
  [[nodiscard]] bool wants_input() const noexcept;
  [[nodiscard]] drywire::ending ending() const noexcept { return ending_; }

 private:
  friend cursor;
  enum class eof : std::uint8_t { none, clean, broken };

  std::optional<event> next(mutable_bytes& rest) noexcept;
  std::optional<event> read_line(mutable_bytes& rest) noexcept;
  std::optional<event> read_eof() noexcept;
  event fail(fault what) noexcept;
  bool keep_partial(const_bytes bytes) noexcept;
  void drop_partial() noexcept;
  void linger(std::size_t bytes) noexcept;
  void wait_for_line() noexcept;

  storage& memory_;
  limits limits_;
  output_queue output_;
  mutable_bytes block_;       // holds the beginning of a line; empty when there is none
  std::size_t partial_ = 0;   // bytes of it in block_; 0: a view of the block is with the caller
  std::size_t lingered_ = 0;  // bytes eaten behind a peer error
  instant now_;
  instant deadline_ = instant::never();
  drywire::ending ending_ = drywire::ending::open;
  eof eof_ = eof::none;     // what receive_eof() told, to be read behind the bytes
  bool timed_ = false;      // advance() was called: there is time
  bool late_ = false;       // the idle deadline passed; not told yet
  bool faulted_ = false;    // the peer error was told
  bool ended_ = false;      // `end` was told
  bool finished_ = false;   // our direction ends behind the output
  bool fin_shown_ = false;  // the last output() showed its fin
  bool fin_taken_ = false;  // ... and it was consumed
};

/// Reads the lent bytes one event at a time.
class cursor {
 public:
  [[nodiscard]] std::optional<event> next() noexcept { return connection_->next(rest_); }
  [[nodiscard]] std::size_t consumed() const noexcept { return lent_ - rest_.size(); }
  [[nodiscard]] mutable_bytes remaining() const noexcept { return rest_; }

 private:
  friend connection;
  cursor(connection& from, mutable_bytes in) noexcept
      : connection_(&from), rest_(in), lent_(in.size()) {}

  connection* connection_;
  mutable_bytes rest_;
  std::size_t lent_;
};

static_assert(protocol<connection>);

/// The event in words that don't depend on where the input was cut: what traces are compared by.
template <class Trace>
void normalise(const event& e, Trace& trace) {
  if (const auto* t = std::get_if<text>(&e)) {
    trace.event("line");
    trace.detail("text", as_text(t->bytes));
  } else if (const auto* error = std::get_if<peer_error>(&e)) {
    trace.event("peer error");
    trace.detail("what", to_string(error->what));
  } else {
    trace.event("end");
  }
}

}  // namespace drywire::line
