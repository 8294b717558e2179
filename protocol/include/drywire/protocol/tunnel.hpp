// A tunnel: bytes both ways that mean nothing here. What follows CONNECT, RFC 9110 9.3.6, or an
// upgrade to a protocol that somebody else reads.
//
// Facts enter by advance(), receive() and receive_eof(); wishes by apply() and its named twins;
// events come from the cursor, bytes from output(). The two directions know nothing of each other:
// either ends by a half-close, and the connection is over when both have. Used from one thread at a
// time.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/base/rest_cursor.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace drywire::tunnel {

/// What bounds a connection. A machine that isn't told the time has no timeouts.
struct limits {
  /// Queued and not written yet, without stable bytes. Past it send() answers would_exceed.
  std::uint32_t output_bytes_max = 256 * 1024;
  /// After a would_exceed, output_low comes when no more than this is queued.
  std::uint32_t output_low_bytes = 64 * 1024;
  /// Without a byte in either direction. Most of what is tunnelled says something within minutes.
  duration idle_timeout = seconds(600);
  /// Without a byte leaving while there are some to write.
  duration write_timeout = seconds(30);
};

// Events.

/// Bytes of the peer, at least one.
struct data {
  const_bytes bytes;  ///< points into the lent input: valid until next(), or until that dies
};

/// The peer half-closed. Our direction is still open.
struct end {};

/// After an answer would_exceed: some output has left since, and what is queued isn't over
/// limits::output_low_bytes.
struct output_low {};

enum class fault : std::uint8_t {
  idle_timeout,     ///< limits::idle_timeout; the transport is closed
  write_timeout,    ///< limits::write_timeout; the transport is reset
  connection_lost,  ///< the transport failed, or was cut off
};

/// Always the last event.
struct peer_error {
  fault what;
};

[[nodiscard]] std::string_view to_string(fault f) noexcept;

using event = std::variant<data, end, output_low, peer_error>;

/// Whether the event points into the lent input: then it dies with that.
[[nodiscard]] inline bool lies_in_input(const event& e) noexcept {
  return std::holds_alternative<data>(e);
}

// Wishes as data; connection's members of the same name say what they do.

struct send {
  const_bytes bytes = {};
  lifetime bytes_lifetime = lifetime::copied;
};
struct finish {};
struct hold {};
struct resume {};
struct abort {};

using command = std::variant<send, finish, hold, resume, abort>;

class connection {
 public:
  using event = tunnel::event;
  using command = tunnel::command;
  using cursor = rest_cursor<connection, event>;

  /// A peer that doesn't read may still have to be read from.
  static constexpr bool reads_while_blocked = true;

  /// `memory` outlives the machine, and has blocks of at least output_queue::block_bytes_min.
  /// Holds none until output is queued.
  explicit connection(storage& memory, const limits& limits = {}) noexcept;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Facts from outside.

  void advance(now t) noexcept;
  /// `in` is not written to, and has to live as long as the cursor, and as output lent from it.
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept;
  void receive_eof(bool clean) noexcept;

  // Wishes. connection_gone when the connection is over.

  /// Nothing happens if `bytes` is empty. Stable ones are free when queued() has sunk to what was
  /// queued behind them. out_of_turn: after finish(). would_exceed: limits::output_bytes_max;
  /// invalid_argument, if they are over it alone. no_memory.
  errc send(const_bytes bytes, lifetime bytes_lifetime = lifetime::copied) noexcept;
  /// Half-closes behind what is queued. out_of_turn: it was said already.
  errc finish() noexcept;
  /// Neither data nor end until resume(): whoever the bytes are for isn't ready for more.
  /// idle_timeout doesn't run.
  errc hold() noexcept;
  errc resume() noexcept;
  /// Drops the connection and what is queued: ending() is reset.
  errc abort() noexcept;

  errc apply(const command& wish) noexcept;

  // Results.

  [[nodiscard]] output_view output(std::size_t n) noexcept;
  /// Precondition: n is at most the size of the last output_view. Takes its fin, if n is all of it.
  void consume_output(std::size_t n) noexcept;
  /// no_memory: nothing changed, and the lent bytes are still needed.
  errc retain_output() noexcept { return queue_.retain(); }
  [[nodiscard]] instant deadline() const noexcept;
  [[nodiscard]] bool wants_input() const noexcept {
    return eof_ == eof::none && ending_ == drywire::ending::open;
  }
  [[nodiscard]] drywire::ending ending() const noexcept { return ending_; }

  /// Bytes queued for output, of any lifetime.
  [[nodiscard]] std::size_t queued() const noexcept { return queue_.size(); }

 private:
  friend cursor;
  enum class eof : std::uint8_t { none, clean, broken };

  std::optional<event> next(mutable_bytes& rest) noexcept;
  std::optional<event> read_eof() noexcept;
  event fail(fault what) noexcept;
  errc admit(std::size_t bytes) noexcept;
  bool over() const noexcept { return ending_ != drywire::ending::open; }
  bool idles() const noexcept { return !held_ && queue_.empty(); }
  void end_if_both_have() noexcept;
  instant after(duration timeout) const noexcept;
  void be_active() noexcept { idle_deadline_ = after(limits_.idle_timeout); }
  void watch_output() noexcept;

  limits limits_;
  output_queue queue_;
  instant now_;
  instant idle_deadline_ = instant::never();  // means nothing while !idles()
  instant output_deadline_ = instant::never();
  std::optional<fault> late_;  // a deadline that has passed and wasn't told yet
  drywire::ending ending_ = drywire::ending::open;
  eof eof_ = eof::none;
  bool timed_ = false;      // advance() was called: there is time
  bool held_ = false;       // hold()
  bool ended_ = false;      // `end` was told
  bool finished_ = false;   // our direction ends behind the output
  bool wants_low_ = false;  // a wish was answered would_exceed
  bool some_left_ = false;  // since then: a byte of output
  bool fin_shown_ = false;  // the last output() showed its fin
  bool fin_taken_ = false;  // ... and it was consumed
};

static_assert(protocol<connection>);

/// The event in words that don't depend on where the input was cut: what traces are compared by.
/// How far our own output got (output_low) depends on the transport and is left out.
template <class Trace>
void normalise(const event& e, Trace& trace) {
  if (const auto* some = std::get_if<data>(&e)) {
    trace.piece("data", some->bytes);
  } else if (std::holds_alternative<end>(e)) {
    trace.event("end");
  } else if (const auto* error = std::get_if<peer_error>(&e)) {
    trace.event("peer error");
    trace.detail("what", to_string(error->what));
  }
}

}  // namespace drywire::tunnel
