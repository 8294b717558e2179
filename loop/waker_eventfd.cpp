#include <drywire/loop/waker.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace drywire {

waker::waker(waker&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

waker& waker::operator=(waker&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

waker::~waker() {
  if (fd_ >= 0) ::close(fd_);
}

result<waker> waker::open(poll& where, token name) noexcept {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return error(errno);
  waker opened(fd);
  if (const error failed = where.add(fd, name, interest::readable)) return failed;
  return opened;
}

// Every write is an edge of its own, so the counter is never drained: only when it is about to
// overflow, which even a wake every nanosecond does once in 500 years.
void waker::wake() noexcept {
  constexpr std::uint64_t one = 1;
  const int saved = errno;
  while (::write(fd_, &one, sizeof(one)) < 0) {
    std::uint64_t drained = 0;
    if (errno == EAGAIN)
      (void)!::read(fd_, &drained, sizeof(drained));
    else if (errno != EINTR)
      break;
  }
  errno = saved;
}

}  // namespace drywire
