// Signals of the process, told on a loop's thread: for whoever writes a backend. All loops of a
// process share one table, so that a signal has one handler whatever loop it was asked of.
#pragma once

#include <drywire/loop/backend.hpp>

#include <array>

namespace drywire {

/// How a signal makes its loop call signal_inbox::deliver().
class signal_waker {
 public:
  /// Within a signal handler, on any thread: only what is safe there. Keeps errno as it is.
  virtual void wake_from_signal() noexcept = 0;

 protected:
  signal_waker() = default;
  signal_waker(const signal_waker&) = default;
  signal_waker& operator=(const signal_waker&) = default;
  ~signal_waker() = default;
};

/// One loop's share of the signals. The signal's own handler marks it as pending and wakes the
/// loop. `wakes` outlives it; it isn't called any more when remove() or the destructor returns.
class signal_inbox {
 public:
  explicit signal_inbox(signal_waker& wakes) noexcept : waker_(wakes) {}
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;
  ~signal_inbox() { remove_all(); }

  /// As backend::handle_signal.
  [[nodiscard]] error add(int signal_number, signal_handler& handler) noexcept;
  /// The default action again. No effect when it isn't handled here.
  void remove(int signal_number) noexcept;
  void remove_all() noexcept;
  /// No signal is handled here.
  [[nodiscard]] bool empty() const noexcept;
  /// Tells of those that are pending, on this thread. Precondition: within a callback_scope.
  void deliver() noexcept;

 private:
  static constexpr int numbers_end = 65;  // Linux has 1 to 64

  static void arrived(int signal_number);

  signal_waker& waker_;
  std::array<signal_handler*, numbers_end> handlers_{};
};

}  // namespace drywire
