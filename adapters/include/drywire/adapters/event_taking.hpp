// How an application takes the events of its driver: as they come, or one by one, each when it
// wants one.
//
// To whom takes them one by one, what an event points into lives until the next is wanted; input is
// kept meanwhile. The machine's clock stands still while it is the application that takes its time:
// that isn't held against the peer.
#pragma once

#include <drywire/base/instant.hpp>

#include <concepts>

namespace drywire {

/// A clock that can be stopped. It begins running, with the clock that it follows.
class stopping_clock {
 public:
  [[nodiscard]] bool runs() const noexcept { return runs_; }
  [[nodiscard]] instant read(instant real) const noexcept {
    return runs_ ? real + duration(-behind_.nanoseconds) : stopped_at_;
  }
  /// When it will show `t`, if it isn't stopped until then.
  [[nodiscard]] instant real(instant t) const noexcept { return t + behind_; }
  void run(bool wanted, instant real) noexcept {
    if (wanted == runs_) return;
    if (wanted) {
      behind_ = real - stopped_at_;
    } else {
      stopped_at_ = read(real);
    }
    runs_ = wanted;
  }

 private:
  duration behind_;
  instant stopped_at_;
  bool runs_ = true;
};

/// A driver's third parameter: each event at once.
struct as_they_come {};

/// A driver's third parameter: an event when it is wanted. For the driver, what it knows of that.
struct one_by_one {
  stopping_clock clock;
  bool holds_input = false;  // the last event points into what is kept
  bool early = false;        // an event is told that nobody has asked for
};

template <class A>
concept pulling_application = requires(A app) {
  // It waits for an event, and has none.
  { app.wants_event() } noexcept -> std::same_as<bool>;
  // It can put one by that it hasn't asked for: that of a timeout, which points to nothing.
  { app.takes_early_event() } noexcept -> std::same_as<bool>;
  // Wishes may be granted now that weren't before. True if one was.
  { app.on_drain() } noexcept -> std::same_as<bool>;
};

/// Whether an event points into the lent input, and dies with it. A protocol may say so by a
/// function `lies_in_input(event)` beside its events; else every event does.
template <class Event>
[[nodiscard]] bool borrows_input(const Event& event) noexcept {
  if constexpr (requires { lies_in_input(event); }) {
    return lies_in_input(event);
  } else {
    return true;
  }
}

}  // namespace drywire
