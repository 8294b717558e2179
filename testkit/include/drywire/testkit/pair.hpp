// Two machines joined in memory, under a clock that moves only when it is told to.
//
//   testkit::pair joined(client, on_client_event, server, on_server_event);
//   client.send(...);
//   joined.settle();             // until nothing moves any more
//   joined.pass(seconds(60));    // and every deadline on the way takes effect in its turn
//
// Each direction has a window, so that a peer that stops reading, or takes one byte at a time, is a
// line in a test.
#pragma once

#include <drywire/base/protocol.hpp>
#include <drywire/testkit/trace.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace drywire::testkit {

/// What becomes of the way to a machine.
enum class way : std::uint8_t {
  lasts,
  ends,          ///< cleanly, too early; what comes behind is lost
  breaks,        ///< and so does the other one
  falls_silent,  ///< what comes behind is lost, an end too
};

/// One machine of a pair, with what is on its way to it.
template <protocol P, class OnEvent>
class joint {
 public:
  joint(P& machine, OnEvent on_event) : machine_(machine), on_event_(std::move(on_event)) {}

  /// False: what comes stays in the window, as in a socket that nobody reads.
  bool reading = true;
  /// Bytes that may be on their way to this machine.
  std::size_t window = 64 * 1024;
  /// Bytes that one step brings.
  std::size_t portion = std::numeric_limits<std::size_t>::max();
  /// What becomes of the way to this machine, `bytes_left` bytes from now.
  way fate = way::lasts;
  std::size_t bytes_left = std::numeric_limits<std::size_t>::max();

  /// The events so far.
  [[nodiscard]] const trace& events() const noexcept { return events_; }
  /// Bytes on their way to this machine.
  [[nodiscard]] std::size_t arriving() const noexcept { return arriving_.size(); }
  /// Its machine has asked to close or to reset the transport, and its output has left.
  [[nodiscard]] bool closed() const noexcept { return closed_; }

 private:
  template <protocol Q, class OnOther>
  friend class joint;
  template <protocol A, class OnA, protocol B, class OnB>
  friend class pair;

  // Moves output of this machine on its way to the other. True if anything moved.
  template <class Other>
  bool write_to(Other& other) {
    if (closed_) return false;
    bool moved = false;
    const output_view view = machine_.output(other.window - other.arriving_.size());
    std::size_t room = other.window - other.arriving_.size();
    std::size_t written = 0;
    for (const const_bytes piece : view.pieces) {
      const std::size_t n = std::min(piece.size(), room);
      other.arrive(piece.first(n));
      written += n;
      room -= n;
    }
    if (view.fin && written == view.size()) {
      other.arrive_end(true);
      moved = true;
    }
    if (other.lost() && other.fate == way::breaks) broken_ = true;
    machine_.consume_output(written);
    return close_with(other) || moved || written > 0;
  }

  template <class Other>
  bool close_with(Other& other) {
    const bool reset = machine_.ending() == ending::reset;
    if (!reset && (machine_.ending() != ending::close || !machine_.output(1).empty())) return false;
    closed_ = true;
    other.arrive_end(!reset);
    return true;
  }

  [[nodiscard]] bool lost() const noexcept { return fate != way::lasts && bytes_left == 0; }

  void arrive(const_bytes bytes) {
    const std::size_t n = fate == way::lasts ? bytes.size() : std::min(bytes.size(), bytes_left);
    arriving_ += as_text(bytes.first(n));
    if (fate != way::lasts) bytes_left -= n;
    if (lost() && fate != way::falls_silent) (fate == way::ends ? fin_ : broken_) = true;
  }

  void arrive_end(bool clean) noexcept {
    if (lost()) return;
    (clean ? fin_ : broken_) = true;
  }

  bool read() {
    if (closed_) return false;
    if (broken_) {
      arriving_.clear();
      kept_.clear();
    }
    const bool takes = reading && machine_.wants_input() && kept_.size() < kept_bytes_max;
    const std::size_t n = takes ? std::min(portion, arriving_.size()) : 0;
    kept_ += arriving_.substr(0, n);
    arriving_.erase(0, n);
    const bool moved = offer();
    const bool at_end = broken_ || (fin_ && reading && arriving_.empty() && kept_.empty());
    bool& told = broken_ ? told_broken_ : told_fin_;
    if (!at_end || told) return moved || n > 0;
    told = true;
    machine_.receive_eof(!broken_);
    offer();
    return true;
  }

  // Lends what is kept; true if an event came or a byte was taken.
  bool offer() {
    const auto lent = std::make_unique<std::byte[]>(kept_.size());
    const mutable_bytes bytes(lent.get(), kept_.size());
    std::ranges::copy(text_bytes(kept_), bytes.begin());
    bool moved = false;
    auto cursor = machine_.receive(bytes);
    while (const auto event = cursor.next()) {
      normalise(*event, events_);
      on_event_(machine_, *event);
      moved = true;
    }
    moved = moved || cursor.consumed() > 0;
    kept_.assign(as_text(cursor.remaining()));
    // Without memory the borrowed output would be torn: such a machine isn't for a pair.
    if (machine_.retain_output() != errc::ok) std::abort();
    return moved;
  }

  P& machine_;
  OnEvent on_event_;
  trace events_;
  std::string arriving_;
  std::string kept_;
  bool fin_ = false;     // the other's FIN lies behind `arriving_`
  bool broken_ = false;  // the other was reset
  bool told_fin_ = false;
  bool told_broken_ = false;
  bool closed_ = false;
};

template <protocol A, class OnA, protocol B, class OnB>
class pair {
 public:
  /// `on_a(a, event)` is called after each event of a; b alike. Both are told the time.
  pair(A& a, OnA on_a, B& b, OnB on_b)
      : first(a, std::move(on_a)), second(b, std::move(on_b)), a_(a), b_(b) {
    advance(clock_);
  }

  joint<A, OnA> first;
  joint<B, OnB> second;

  /// Moves bytes, both ways in turn, until nothing moves.
  void settle() {
    bool moved = true;
    while (moved) {
      moved = first.write_to(second);
      moved = second.read() || moved;
      moved = second.write_to(first) || moved;
      moved = first.read() || moved;
    }
  }

  /// Lets time pass; stops, settles and goes on at every deadline on the way.
  void pass(duration d) {
    const instant target = clock_ + d;
    settle();
    while (true) {
      const instant due = std::min(first.closed() ? instant::never() : a_.deadline(),
                                   second.closed() ? instant::never() : b_.deadline());
      if (due > target) break;
      advance(std::max(due, clock_));
      settle();
    }
    advance(target);
    settle();
  }

  [[nodiscard]] instant clock() const noexcept { return clock_; }

 private:
  void advance(instant t) {
    clock_ = t;
    a_.advance({t, t.nanoseconds / 1'000'000'000});
    b_.advance({t, t.nanoseconds / 1'000'000'000});
  }

  A& a_;
  B& b_;
  instant clock_{1'000'000'000};
};

}  // namespace drywire::testkit
