// Ends a poll's wait from another thread.
#pragma once

#include <drywire/loop/poll.hpp>

namespace drywire {

/// Move-only; one that was moved from, or made without open(), may only be assigned to and
/// destroyed. Outlives no wake() of another thread.
class waker {
 public:
  waker() noexcept = default;
  waker(waker&& other) noexcept;
  waker& operator=(waker&& other) noexcept;
  ~waker();

  /// `where` reports `name` as readable after each wake(). Nothing is to be read or drained.
  /// Errors: EMFILE, ENFILE, ENOMEM, ENOSPC.
  [[nodiscard]] static result<waker> open(poll& where, token name) noexcept;

  /// Any thread, and signal handlers. Wakes that come before the poll has reported one may be
  /// reported as one.
  void wake() noexcept;

 private:
  explicit waker(int fd) noexcept : fd_(fd) {}

  int fd_ = -1;
};

}  // namespace drywire
