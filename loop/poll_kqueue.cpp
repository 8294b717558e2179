// On a kqueue the two directions of a descriptor are filters of their own: each is added and
// removed by itself, and each reports by itself. EV_CLEAR makes them edge-triggered.
// Nothing is kept here besides, so threads need no lock, and what was closed vanishes by itself.
// So a second add() isn't noticed, either.
#include "selector.hpp"

#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <new>
#include <utility>
#include <vector>

namespace drywire {

namespace {

static_assert(sizeof(void*) >= sizeof(token), "an event carries its token as a pointer");

// What became of a change to each filter: an errno, or 0.
struct outcome {
  int read = 0;
  int write = 0;

  [[nodiscard]] int either() const noexcept { return read != 0 ? read : write; }
};

class kqueue_selector final : public selector {
 public:
  explicit kqueue_selector(descriptor fd) noexcept : fd_(std::move(fd)) {}

  error add(int fd, token name, interest wanted) noexcept override;
  error modify(int fd, token name, interest wanted) noexcept override;
  error remove(int fd) noexcept override;
  void would_block(int, interest) noexcept override {}  // EV_CLEAR re-arms by itself
  error wait(readiness_list& list, int timeout_ms) noexcept override;
  int native_handle() const noexcept override { return fd_.get(); }
  result<wake_channel> open_waker(token name) noexcept override;

 private:
  [[nodiscard]] outcome change(int action, int fd, token name, interest which) const noexcept;

  descriptor fd_;
  std::vector<struct kevent> events_;
};

struct kevent change_of(int action, int fd, token name, int filter) noexcept {
  struct kevent event {};
  event.ident = static_cast<decltype(event.ident)>(fd);
  event.filter = static_cast<decltype(event.filter)>(filter);
  event.flags = static_cast<decltype(event.flags)>(action | EV_RECEIPT);
  // Carried, never followed.
  event.udata = reinterpret_cast<void*>(  // NOLINT(performance-no-int-to-ptr)
      static_cast<std::uintptr_t>(name));
  return event;
}

// With the end or an error of a direction its calls don't block either.
std::uint32_t flags_of(const struct kevent& event) noexcept {
  const bool reads = event.filter == EVFILT_READ;
  std::uint32_t flags = reads ? readiness::is_readable : readiness::is_writable;
  if ((event.flags & EV_EOF) != 0) {
    flags |= reads ? readiness::is_read_closed : readiness::is_write_closed;
    if (event.fflags != 0) flags |= readiness::is_error;  // it is the socket's errno
  }
  return flags;
}

error kqueue_selector::add(int fd, token name, interest wanted) noexcept {
  const outcome added = change(EV_ADD | EV_CLEAR, fd, name, wanted);
  if (added.either() != 0) (void)remove(fd);  // not by half
  return error(added.either());
}

// A filter that is there is looked at again only when it is added anew.
error kqueue_selector::modify(int fd, token name, interest wanted) noexcept {
  if (const error failed = remove(fd)) return failed;
  return add(fd, name, wanted);
}

// One of the filters may not be there, but not neither of them.
error kqueue_selector::remove(int fd) noexcept {
  const outcome removed = change(EV_DELETE, fd, token{}, interest::both);
  return removed.read == 0 || removed.write == 0 ? error() : error(removed.read);
}

// By receipts, since kevent() would stop at the first change that fails.
outcome kqueue_selector::change(int action, int fd, token name, interest which) const noexcept {
  struct kevent events[2];
  int count = 0;
  if (which != interest::writable) events[count++] = change_of(action, fd, name, EVFILT_READ);
  if (which != interest::readable) events[count++] = change_of(action, fd, name, EVFILT_WRITE);
  if (::kevent(fd_.get(), events, count, events, count, nullptr) < 0) return {errno, errno};
  outcome became;
  for (const struct kevent* e = events; e != events + count; ++e) {
    (e->filter == EVFILT_READ ? became.read : became.write) = static_cast<int>(e->data);
  }
  return became;
}

error kqueue_selector::wait(readiness_list& list, int timeout_ms) noexcept {
  if (events_.size() < list.capacity()) events_.resize(list.capacity());
  timespec timeout{};
  timeout.tv_sec = timeout_ms / 1000;
  timeout.tv_nsec = timeout_ms % 1000 * 1'000'000L;
  const int found =
      ::kevent(fd_.get(), nullptr, 0, events_.data(), static_cast<int>(list.capacity()),
               timeout_ms < 0 ? nullptr : &timeout);
  if (found < 0) return error(errno);
  for (int i = 0; i < found; ++i) {
    const struct kevent& event = events_[static_cast<std::size_t>(i)];
    list.push({static_cast<token>(reinterpret_cast<std::uintptr_t>(event.udata)), flags_of(event)});
  }
  return {};
}

// Each byte in the pipe is an edge of its own, so nothing is ever drained.
result<wake_channel> kqueue_selector::open_waker(token name) noexcept {
  auto channel = open_wake_pipe();
  if (!channel) return channel;
  if (const error failed = add(channel->read_end.get(), name, interest::readable)) return failed;
  return channel;
}

}  // namespace

// kqueue1() isn't everywhere. A child that is forked in between inherits no kqueue.
result<std::unique_ptr<selector>> open_kqueue() noexcept {
  descriptor fd(::kqueue());
  if (!fd || ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) return error(errno);
  std::unique_ptr<selector> opened(new (std::nothrow) kqueue_selector(std::move(fd)));
  if (opened == nullptr) return error(ENOMEM);
  return opened;
}

}  // namespace drywire
