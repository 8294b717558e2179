// The shape that every protocol has: bytes and time in; events, bytes and a deadline out.
//
// Drivers, split tests, fuzz targets, recording and the command-line decoder are built on this
// concept alone. The laws that go with it (lazy pull, determinism, lifetimes, who owns the input)
// are written down in docs/protocol-contract.md.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/instant.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace drywire {

/// How far a connection is from its end, as its driver has to act on it.
enum class ending : std::uint8_t {
  open,      ///< read, write, go on
  draining,  ///< input is eaten without events while the goodbye travels; go on until the deadline
  close,     ///< orderly: once the output has left, close the transport
  reset,     ///< drop the transport now, so that a cut body cannot look complete
};

/// What is to be written next. The pieces stay valid until the next call of a member of the
/// machine that isn't const.
struct output_view {
  std::span<const const_bytes> pieces;  ///< in order; none of them empty
  bool fin = false;  ///< our side ends behind the last byte of `pieces`: half-close after it

  /// Nothing to write and no half-close to make.
  [[nodiscard]] bool empty() const noexcept { return pieces.empty() && !fin; }

  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t sum = 0;
    for (const_bytes piece : pieces) sum += piece.size();
    return sum;
  }
};

/// Gives events one at a time out of the bytes that receive() borrowed. At most one is alive for
/// a machine; it may be dropped with bytes left.
template <class Cursor, class Event>
concept event_cursor = requires(Cursor cursor, const Cursor const_cursor) {
  { cursor.next() } -> std::same_as<std::optional<Event>>;      // works until one event is ready
  { const_cursor.consumed() } -> std::same_as<std::size_t>;     // bytes taken so far
  { const_cursor.remaining() } -> std::same_as<mutable_bytes>;  // not taken: offer them again
};

template <class P>
concept protocol =
    requires {
      typename P::event;
      typename P::command;
      typename P::cursor;
    } && event_cursor<typename P::cursor, typename P::event> &&
    requires(P p, const P cp, mutable_bytes in, now t, std::size_t n, bool clean,
             const typename P::command& wish) {
      // Facts from outside.
      {
        p.advance(t)
      } -> std::same_as<void>;  // it is now t; a deadline that it passes takes effect
      { p.receive(in) } -> std::same_as<typename P::cursor>;  // lends bytes; an empty span: go on
      { p.receive_eof(clean) } -> std::same_as<void>;  // clean: a FIN. Not clean: reset, truncation
      // Wishes of the application, as data.
      { p.apply(wish) } -> std::same_as<errc>;
      // Results.
      { p.output(n) } -> std::same_as<output_view>;   // a gather list of about n bytes at most
      { p.consume_output(n) } -> std::same_as<void>;  // n bytes left; at the end it takes the fin
      { p.retain_output() } -> std::same_as<errc>;    // own what the output borrows: it dies now
      { cp.deadline() } -> std::same_as<instant>;     // O(1); never() when there is none
      { cp.wants_input() } -> std::same_as<bool>;
      { cp.ending() } -> std::same_as<drywire::ending>;
    } &&
    !std::movable<P>;

/// True for a machine with `static constexpr bool reads_while_blocked = true`: a driver offers it
/// input even while the transport takes no output, because what comes may end the output, and can't
/// make it grow. An HTTP client is one: its server may answer early, and read no further.
template <class P>
inline constexpr bool reads_while_blocked = requires { requires P::reads_while_blocked; };

/// The length of input that a driver keeps at most for a machine that isn't taking it: past it,
/// the driver stops reading. Larger than any unit that a machine wants whole.
inline constexpr std::size_t kept_bytes_max = 64 * 1024;

}  // namespace drywire
