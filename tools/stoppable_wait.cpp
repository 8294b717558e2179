#include "stoppable_wait.hpp"

#include "failure.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace drywire::tools {

stoppable_wait::stoppable_wait() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw failure(std::string("pipe: ") + std::strerror(errno));
  stopped_ = descriptor(ends[0]);
  other_end_ = descriptor(ends[1]);
}

bool stoppable_wait::wait(int fd, short events) const noexcept {
  pollfd both[] = {{.fd = fd, .events = events, .revents = 0},
                   {.fd = stopped_.get(), .events = POLLIN, .revents = 0}};
  while (::poll(both, 2, -1) < 0) {
    if (errno != EINTR) return false;
  }
  return both[1].revents == 0;
}

}  // namespace drywire::tools
