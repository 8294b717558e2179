// An application that waits in epoll by itself, and nests the native loop in there by its
// descriptor.
//
//   guest_in_epoll PORT
#include "guest.hpp"

#include <drywire/loop/native.hpp>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace {

// Milliseconds until the loop has to be called, rounded up; -1 when it hasn't.
int wait_of(drywire::native_loop& loop) {
  const drywire::instant due = loop.core().next_deadline();
  if (due == drywire::instant::never()) return -1;
  const std::int64_t ns = (due - loop.time().steady).nanoseconds;
  return static_cast<int>(std::clamp<std::int64_t>(ns / 1'000'000 + (ns > 0), 0, 60'000));
}

// Level-triggered.
void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int every_10_ms() {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const itimerspec period{{0, 10'000'000}, {0, 10'000'000}};
  timerfd_settime(fd, 0, &period, nullptr);
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int timer = every_10_ms();
  watch(epoll, timer);

  auto made = drywire::make_native();
  if (!made) return 1;
  drywire::native_loop& loop = *made;
  watch(epoll, loop.native_handle());
  guest served(std::move(made), argc > 1 ? argv[1] : "8080",
               [&] { epoll_ctl(epoll, EPOLL_CTL_DEL, loop.native_handle(), nullptr); });

  for (bool ticking = true; ticking;) {
    std::array<epoll_event, 8> events{};
    // Asked anew before each wait: anything that was called meanwhile may have changed it.
    const int wait = served.gone() ? -1 : wait_of(loop);
    const int found = epoll_wait(epoll, events.data(), events.size(), wait);
    for (int i = 0; i < found; ++i) {
      if (events[static_cast<std::size_t>(i)].data.fd != timer) continue;
      std::uint64_t times = 0;
      ticking = read(timer, &times, sizeof times) < 0 || served.tick();
    }
    // Whether its descriptor is readable or its deadline has passed: once too often does no harm.
    if (!served.gone()) loop.run_once(drywire::duration());
  }
  close(timer);
  close(epoll);
}
