// Timers and end-of-turn work: intrusive nodes, so that arming one allocates nothing.
#pragma once

#include <drywire/base/instant.hpp>

#include <cstdint>

namespace drywire {

class loop_core;
class timer_heap;

/// Something to happen at an instant. Derive from it, or have a member that does. Never moves;
/// dying cancels it. One thread: the loop's.
class timer {
 public:
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  /// Armed and not fired yet.
  [[nodiscard]] bool armed() const noexcept { return core_ != nullptr; }
  /// The instant it is armed for; never() when it isn't.
  [[nodiscard]] instant deadline() const noexcept { return armed() ? deadline_ : instant::never(); }
  /// Afterwards it isn't armed. Legal at any time.
  void cancel() noexcept;

 protected:
  timer() = default;
  virtual ~timer() { cancel(); }

 private:
  friend class loop_core;
  friend class timer_heap;

  /// The deadline has passed, by the loop's now(); never called early. The timer isn't armed any
  /// more: it may be armed again, and may be destroyed, from here.
  virtual void on_timer() noexcept = 0;

  // A pairing heap by (deadline, order), and a list once it is due: see timer_heap.hpp.
  loop_core* core_ = nullptr;
  instant deadline_;
  std::uint64_t order_ = 0;
  timer* child_ = nullptr;
  timer* next_ = nullptr;
  timer* previous_ = nullptr;  // the parent of a first child
};

/// Something to do once, at the end of the loop's present turn, behind every callback of it: where
/// a driver drains after the application called it from anywhere. Dying cancels it.
class turn_end {
 public:
  turn_end(const turn_end&) = delete;
  turn_end& operator=(const turn_end&) = delete;

  [[nodiscard]] bool scheduled() const noexcept { return previous_next_ != nullptr; }
  void cancel() noexcept;

 protected:
  turn_end() = default;
  virtual ~turn_end() { cancel(); }

 private:
  friend class loop_core;

  /// May schedule itself again: that runs in the next turn.
  virtual void on_turn_end() noexcept = 0;
  void push_on(turn_end*& list) noexcept;

  turn_end* next_ = nullptr;
  turn_end** previous_next_ = nullptr;
};

}  // namespace drywire
