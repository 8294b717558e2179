// Signals of the process, told on a loop's thread.
#pragma once

#include <drywire/loop/backend.hpp>
#include <drywire/loop/waker.hpp>

#include <array>

namespace drywire {

/// One loop's share of the signals. The signal's own handler marks it as pending and wakes the
/// loop.
class native_signals {
 public:
  explicit native_signals(waker& wakes) noexcept : waker_(wakes) {}
  native_signals(const native_signals&) = delete;
  native_signals& operator=(const native_signals&) = delete;
  ~native_signals();

  [[nodiscard]] error add(int signal_number, signal_handler& handler) noexcept;
  void remove(int signal_number) noexcept;
  /// Tells of those that are pending.
  void deliver() noexcept;

 private:
  static constexpr int numbers_end = 65;  // Linux has 1 to 64

  static void arrived(int signal_number);

  waker& waker_;
  std::array<signal_handler*, numbers_end> handlers_{};
};

}  // namespace drywire
