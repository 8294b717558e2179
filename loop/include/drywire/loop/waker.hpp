// Ends a poll's wait from another thread.
#pragma once

#include <drywire/loop/poll.hpp>

namespace drywire {

/// Move-only; one that was moved from, or made without open(), may only be assigned to and
/// destroyed. Outlives no wake() of another thread, and may outlive the poll.
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
  waker(int read_end, int write_end) noexcept : read_end_(read_end), write_end_(write_end) {}

  int read_end_ = -1;
  int write_end_ = -1;  // the same as read_end_ where one descriptor is both
};

}  // namespace drywire
