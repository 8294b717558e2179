#include "wake_channel.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace drywire {

result<wake_channel> open_wake_pipe() noexcept {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return error(errno);
  return wake_channel{descriptor(ends[0]), descriptor(ends[1])};
}

}  // namespace drywire
