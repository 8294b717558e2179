// Time: awaiting an instant.
#pragma once

#include <drywire/adapters/coroutine/strand.hpp>
#include <drywire/loop/timer.hpp>

namespace drywire::co {

/// Waits for a deadline or for a duration from when it is awaited.
class [[nodiscard]] sleep final : public awaitable<sleep>, private timer {
 public:
  explicit sleep(instant until) noexcept : until_(until) {}
  explicit sleep(duration time) noexcept : time_(time) {}
  sleep(sleep&& unawaited) noexcept
      : awaitable(static_cast<awaitable&&>(unawaited)),
        until_(unawaited.until_),
        time_(unawaited.time_) {}

 private:
  friend awaitable;

  [[nodiscard]] bool ready() const noexcept { return false; }
  void start() noexcept {
    loop_core& core = waiting().by().core();
    core.arm(*this, until_ == instant::never() ? core.time().steady + time_ : until_);
  }
  void result() const noexcept {}
  void withdraw() noexcept { timer::cancel(); }
  void on_timer() noexcept override { complete(); }

  instant until_ = instant::never();
  duration time_ = duration::max();
};

/// `co_await co::sleep_until(t)`: never early, and not before the loop's next turn. The clock is
/// the loop's, `backend::time().steady`. At instant::never() only cancelling ends it.
[[nodiscard]] inline sleep sleep_until(instant t) noexcept { return sleep(t); }
[[nodiscard]] inline sleep sleep_for(duration d) noexcept { return sleep(d); }
/// Lets the others on the loop have their turn.
[[nodiscard]] inline sleep yield() noexcept { return sleep(duration()); }

}  // namespace drywire::co
