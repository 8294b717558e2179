#include "wake_channel.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

namespace drywire {

result<wake_channel> open_wake_eventfd() noexcept {
  wake_channel opened;
  opened.read_end = descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!opened.read_end) return error(errno);
  return opened;
}

}  // namespace drywire
