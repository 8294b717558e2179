// kqueue() and kevent() by means of epoll: as much of them as loop/poll_kqueue.cpp asks for, as the
// manuals of the BSDs describe it.
//
//   * Each filter of a descriptor is of its own, with its own udata: a kqueue is an epoll of all
//     that is to be read, and in it a second one of all that is to be written.
//   * EV_ADD of what is there already replaces its udata and looks at it again.
//   * EV_CLEAR is EPOLLET. Filters without it are refused, and so is whatever else isn't used.
//   * With EV_RECEIPT, and for each change that fails, comes an event with EV_ERROR and the errno,
//     and then nothing is waited for.
//   * EV_EOF on EVFILT_READ is the peer's FIN, on EVFILT_WRITE the end of a connection. After a
//     reset both have it, with an errno in fflags.
//   * A descriptor that is closed vanishes. A closed kqueue takes its second epoll with it: close()
//     is wrapped for that, by the linker.
#include "sys/event.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

extern "C" {
int __real_close(int fd);
int __wrap_close(int fd);
}

namespace {

using filter_name = std::pair<int, short>;  // descriptor, filter

struct kernel_queue {
  int writes = -1;
  std::map<filter_name, void*> udata;
};

std::mutex mutex;

// By the descriptor of the epoll of reads. Never destroyed: close() is called until the very end.
std::map<int, kernel_queue>& queues() {
  static auto* const all = new std::map<int, kernel_queue>;
  return *all;
}

constexpr std::uint64_t writes_name = ~std::uint64_t{0};

int epoll_of(int kq, const kernel_queue& queue, short filter) {
  return filter == EVFILT_READ ? kq : queue.writes;
}

// A kqueue refuses to wait for room in it.
bool is_pipe_without_reader(int fd) {
  struct stat status {};
  pollfd asked{fd, POLLOUT, 0};
  return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && ::poll(&asked, 1, 0) == 1 &&
         (asked.revents & POLLERR) != 0;
}

// An errno, or 0.
int add(int kq, kernel_queue& queue, const struct kevent& change) {
  if ((change.flags & EV_CLEAR) == 0) return EINVAL;
  const int fd = static_cast<int>(change.ident);
  if (change.filter == EVFILT_WRITE && is_pipe_without_reader(fd)) return EPIPE;
  const int epoll = epoll_of(kq, queue, change.filter);
  epoll_event event{};
  event.events = EPOLLET | (change.filter == EVFILT_READ ? EPOLLIN | EPOLLRDHUP : EPOLLOUT);
  event.data.u64 = change.ident;
  if (::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) != 0 &&
      (errno != ENOENT || ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)) {
    return errno;
  }
  queue.udata[{fd, change.filter}] = change.udata;
  return 0;
}

int apply(int kq, kernel_queue& queue, const struct kevent& change) {
  constexpr unsigned known = EV_ADD | EV_DELETE | EV_CLEAR | EV_RECEIPT;
  if ((change.flags & ~known) != 0) return EINVAL;
  if (change.filter != EVFILT_READ && change.filter != EVFILT_WRITE) return EINVAL;
  if ((change.flags & EV_ADD) != 0) return add(kq, queue, change);
  if ((change.flags & EV_DELETE) == 0) return EINVAL;
  const int fd = static_cast<int>(change.ident);
  if (::epoll_ctl(epoll_of(kq, queue, change.filter), EPOLL_CTL_DEL, fd, nullptr) != 0)
    return errno;
  queue.udata.erase({fd, change.filter});
  return 0;
}

// How many events there are then; -1 for an error that there was no room to tell.
int apply_all(int kq, std::span<const struct kevent> changes, std::span<struct kevent> events) {
  const std::scoped_lock lock(mutex);
  const auto found = queues().find(kq);
  if (found == queues().end()) return errno = EBADF, -1;
  std::size_t count = 0;
  for (const struct kevent& change : changes) {
    const int failure = apply(kq, found->second, change);
    if (failure == 0 && (change.flags & EV_RECEIPT) == 0) continue;
    if (count == events.size()) return errno = failure, -1;
    struct kevent& receipt = events[count++] = change;
    receipt.flags = EV_ERROR;
    receipt.data = failure;
  }
  return static_cast<int>(count);
}

// A socket's errno can't be looked at without being taken away: any will do.
struct kevent event_of(const epoll_event& ready, short filter, void* udata) {
  const std::uint32_t end = filter == EVFILT_READ ? EPOLLRDHUP | EPOLLHUP : EPOLLHUP;
  struct kevent event {};
  event.ident = static_cast<uintptr_t>(ready.data.u64);
  event.filter = filter;
  event.flags = EV_CLEAR;
  if ((ready.events & (end | EPOLLERR)) != 0) event.flags |= EV_EOF;
  if ((ready.events & EPOLLERR) != 0) event.fflags = ECONNRESET;
  event.udata = udata;
  return event;
}

// What was deleted since it was found is not told.
std::size_t tell(const kernel_queue& queue, std::span<const epoll_event> ready, short filter,
                 std::span<struct kevent> events) {
  std::size_t count = 0;
  for (const epoll_event& one : ready) {
    const auto udata = queue.udata.find({static_cast<int>(one.data.u64), filter});
    if (udata != queue.udata.end()) events[count++] = event_of(one, filter, udata->second);
  }
  return count;
}

std::size_t tell_all(int kq, std::vector<epoll_event>& ready, std::span<struct kevent> events) {
  const std::scoped_lock lock(mutex);
  const auto found = queues().find(kq);
  if (found == queues().end()) return 0;
  const bool has_writes =
      std::erase_if(ready, [](const epoll_event& one) { return one.data.u64 == writes_name; }) != 0;
  std::size_t count = tell(found->second, ready, EVFILT_READ, events);
  if (has_writes) {
    ready.resize(events.size() - count);
    const int size =
        ::epoll_wait(found->second.writes, ready.data(), static_cast<int>(ready.size()), 0);
    ready.resize(static_cast<std::size_t>(std::max(size, 0)));
    count += tell(found->second, ready, EVFILT_WRITE, events.subspan(count));
  }
  return count;
}

int wait_for(int kq, std::span<struct kevent> events, const timespec* timeout) {
  using namespace std::chrono;
  nanoseconds left = timeout != nullptr ? seconds(timeout->tv_sec) + nanoseconds(timeout->tv_nsec)
                                        : nanoseconds(0);
  const auto end = steady_clock::now() + left;
  std::vector<epoll_event> ready;
  while (true) {
    ready.resize(events.size());
    const int size =
        ::epoll_wait(kq, ready.data(), static_cast<int>(ready.size()),
                     timeout != nullptr ? static_cast<int>(ceil<milliseconds>(left).count()) : -1);
    if (size <= 0) return size;
    ready.resize(static_cast<std::size_t>(size));
    const std::size_t count = tell_all(kq, ready, events);
    if (count != 0) return static_cast<int>(count);
    left = std::max(nanoseconds(end - steady_clock::now()), nanoseconds(0));
  }
}

}  // namespace

int kqueue() {
  const int reads = ::epoll_create1(0);
  const int writes = reads >= 0 ? ::epoll_create1(EPOLL_CLOEXEC) : -1;
  if (writes < 0) {
    if (reads >= 0) __real_close(reads);
    return -1;
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = writes_name;
  ::epoll_ctl(reads, EPOLL_CTL_ADD, writes, &event);
  const std::scoped_lock lock(mutex);
  queues()[reads] = {writes, {}};
  return reads;
}

int kevent(int kq, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const timespec* timeout) {
  // `events` may be where the changes are.
  const std::vector<struct kevent> copied(changes, changes + change_count);
  const std::span<struct kevent> room(events, static_cast<std::size_t>(event_count));
  const int told = apply_all(kq, copied, room);
  return told != 0 || room.empty() ? told : wait_for(kq, room, timeout);
}

int __wrap_close(int fd) {
  int writes = -1;
  {
    const std::scoped_lock lock(mutex);
    const auto found = queues().find(fd);
    if (found != queues().end()) {
      writes = found->second.writes;
      queues().erase(found);
    }
  }
  if (writes >= 0) __real_close(writes);
  return __real_close(fd);
}
