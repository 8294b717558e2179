// The native loop's waiting part: the poll, its waker, and what loop_core asks of its host.
#pragma once

#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/poll.hpp>
#include <drywire/loop/signal_inbox.hpp>
#include <drywire/loop/waker.hpp>

#include <atomic>
#include <utility>

namespace drywire {

class native_host : public loop_host, public signal_waker {
 public:
  void wake() noexcept override { waker_.wake(); }
  void wake_from_signal() noexcept override { waker_.wake(); }
  void set_deadline(instant deadline) noexcept override { deadline_ = deadline; }
  void stop() noexcept override {
    stop_asked_.store(true, std::memory_order_release);
    wake();
  }

 protected:
  static constexpr token wake_name{0};

  native_host() = default;
  ~native_host() = default;

  [[nodiscard]] error open_host(const selector_kind& kind) noexcept {
    auto opened_poll = poll::open(kind);
    if (!opened_poll) return opened_poll.error();
    poll_ = std::move(*opened_poll);
    auto opened_waker = waker::open(poll_, wake_name);
    if (opened_waker) waker_ = std::move(*opened_waker);
    return opened_waker.error();
  }

  /// Whether stop() was called since this was asked last.
  [[nodiscard]] bool take_stop() noexcept {
    return stop_asked_.exchange(false, std::memory_order_acquire);
  }

  poll poll_;
  waker waker_;
  instant deadline_ = instant::never();

 private:
  std::atomic<bool> stop_asked_ = false;
};

}  // namespace drywire
