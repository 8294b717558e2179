#include "selector.hpp"
#include "wake_channel.hpp"

#include <drywire/loop/waker.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace drywire {

namespace {

// Small enough for the stack of a signal handler. True when there may be more.
bool drain_some(int read_end) noexcept {
  char drained[512];
  ssize_t size = 0;
  do {
    size = ::read(read_end, drained, sizeof drained);
  } while (size < 0 && errno == EINTR);
  return size == sizeof drained;
}

}  // namespace

waker::waker(waker&& other) noexcept
    : read_end_(std::exchange(other.read_end_, -1)),
      write_end_(std::exchange(other.write_end_, -1)) {}

waker& waker::operator=(waker&& other) noexcept {
  std::swap(read_end_, other.read_end_);
  std::swap(write_end_, other.write_end_);
  return *this;
}

waker::~waker() {
  if (read_end_ < 0) return;
  ::close(read_end_);
  if (write_end_ != read_end_) ::close(write_end_);
}

result<waker> waker::open(poll& where, token name) noexcept {
  auto channel = where.selector_->open_waker(name);
  if (!channel) return channel.error();
  const int read_end = channel->read_end.release();
  return waker(read_end, channel->write_end ? channel->write_end.release() : read_end);
}

void waker::wake() noexcept { write_wake(read_end_, write_end_); }

// An eventfd wants eight bytes. It is full after 500 years of a wake every nanosecond, a pipe after
// some thousand wakes that nobody drained: then old wakes make room for this one, which is to be an
// edge of its own.
void write_wake(int read_end, int write_end) noexcept {
  constexpr std::uint64_t one = 1;
  const int saved = errno;
  while (::write(write_end, &one, sizeof one) < 0) {
    if (errno == EAGAIN) {
      drain_some(read_end);
    } else if (errno != EINTR) {
      break;
    }
  }
  errno = saved;
}

void drain_wakes(int read_end) noexcept {
  while (drain_some(read_end)) {
  }
}

}  // namespace drywire
