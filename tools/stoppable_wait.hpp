// How a thread that reads or writes what may block is told to stop.
#pragma once

#include "file_tree.hpp"

namespace drywire::tools {

/// For one thread that waits, and another that stops it.
class stoppable_wait {
 public:
  /// Throws failure.
  stoppable_wait();

  /// Waits until `fd` is ready for `events`, POLLIN or POLLOUT, or has failed. False when it is
  /// time to stop.
  [[nodiscard]] bool wait(int fd, short events) const noexcept;
  /// Every wait() ends, this one and all that follow.
  void stop() noexcept { other_end_ = descriptor(); }

 private:
  descriptor stopped_;  // readable once the other end is closed
  descriptor other_end_;
};

}  // namespace drywire::tools
