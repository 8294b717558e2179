// poll(2) tells what is the case, not what is new. So what was reported isn't asked for again until
// the caller says that it has ended. The system keeps no set between two waits: it is here, under a
// lock, and whoever changes it in the middle of a wait interrupts that.
#include "selector.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace drywire {

namespace {

#ifdef POLLRDHUP
constexpr short read_hang_up = POLLRDHUP;
#else
constexpr short read_hang_up = 0;
#endif

// A set of directions is written as the flags of readiness.
constexpr std::uint32_t both_directions = readiness::is_readable | readiness::is_writable;

struct watched {
  token name{};
  std::uint32_t wanted = 0;  // 0: not in the set
  std::uint32_t armed = 0;   // of these, what was not reported since it last would have blocked
  std::uint64_t version = 0;
  descriptor waker;  // where it is the read end of one
};

class poll2_selector final : public selector {
 public:
  explicit poll2_selector(wake_channel interrupts) noexcept : interrupts_(std::move(interrupts)) {}

  error add(int fd, token name, interest wanted) noexcept override;
  error modify(int fd, token name, interest wanted) noexcept override;
  error remove(int fd) noexcept override;
  void would_block(int fd, interest blocked) noexcept override;
  error wait(readiness_list& list, int timeout_ms) noexcept override;
  int native_handle() const noexcept override { return -1; }
  result<wake_channel> open_waker(token name) noexcept override;

 private:
  [[nodiscard]] watched* find(int fd) noexcept;
  void set(int fd, token name, std::uint32_t wanted) noexcept;
  void interrupt() noexcept;
  void begin_wait() noexcept;
  void end_wait(readiness_list& list) noexcept;
  static void report(watched& w, short events, readiness_list& list) noexcept;

  std::mutex mutex_;
  std::vector<watched> set_;  // by descriptor
  std::uint64_t version_ = 0;
  bool waiting_ = false;
  const wake_channel interrupts_;

  // Of the waiting thread alone. The first is for interruptions.
  std::vector<pollfd> polled_;
  std::vector<std::uint64_t> versions_;
  std::size_t first_ = 0;  // to be asked for
};

std::uint32_t directions_of(interest wanted) noexcept {
  return static_cast<std::uint32_t>(wanted) & both_directions;
}

short events_of(std::uint32_t armed) noexcept {
  int events = 0;
  if ((armed & readiness::is_readable) != 0) events |= POLLIN | read_hang_up;
  if ((armed & readiness::is_writable) != 0) events |= POLLOUT;
  return static_cast<short>(events);
}

// A hang-up or an error lets neither a read nor a write block, so both are promised then.
std::uint32_t flags_of(short events) noexcept {
  std::uint32_t flags = 0;
  if ((events & (POLLIN | read_hang_up | POLLHUP | POLLERR)) != 0) flags |= readiness::is_readable;
  if ((events & (POLLOUT | POLLHUP | POLLERR)) != 0) flags |= readiness::is_writable;
  if ((events & (read_hang_up | POLLHUP)) != 0) flags |= readiness::is_read_closed;
  if ((events & (POLLHUP | POLLERR)) != 0) flags |= readiness::is_write_closed;
  if ((events & POLLERR) != 0) flags |= readiness::is_error;
  return flags;
}

// Files are always ready, so there is nothing to wait for: refused as epoll does.
error check_waitable(int fd) noexcept {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return error(errno);
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? error(EPERM) : error();
}

error poll2_selector::add(int fd, token name, interest wanted) noexcept {
  if (const error failed = check_waitable(fd)) return failed;
  const std::scoped_lock lock(mutex_);
  if (find(fd) != nullptr) return error(EEXIST);
  set(fd, name, directions_of(wanted));
  return {};
}

error poll2_selector::modify(int fd, token name, interest wanted) noexcept {
  const std::scoped_lock lock(mutex_);
  if (find(fd) == nullptr) return error(fd < 0 ? EBADF : ENOENT);
  set(fd, name, directions_of(wanted));
  return {};
}

error poll2_selector::remove(int fd) noexcept {
  const std::scoped_lock lock(mutex_);
  if (find(fd) == nullptr) return error(fd < 0 ? EBADF : ENOENT);
  set(fd, token{}, 0);
  return {};
}

void poll2_selector::would_block(int fd, interest blocked) noexcept {
  const std::scoped_lock lock(mutex_);
  watched* const w = find(fd);
  if (w == nullptr) return;
  const std::uint32_t before =
      std::exchange(w->armed, w->armed | (directions_of(blocked) & w->wanted));
  if (w->armed != before) interrupt();
}

watched* poll2_selector::find(int fd) noexcept {
  const auto i = static_cast<std::size_t>(fd);
  return fd >= 0 && i < set_.size() && set_[i].wanted != 0 ? &set_[i] : nullptr;
}

// The removal of a descriptor interrupts, too: a wait that goes on would keep a closed one open.
void poll2_selector::set(int fd, token name, std::uint32_t wanted) noexcept {
  const auto i = static_cast<std::size_t>(fd);
  if (i >= set_.size()) set_.resize(i + 1);
  set_[i].name = name;
  set_[i].wanted = set_[i].armed = wanted;
  set_[i].version = ++version_;
  interrupt();
}

void poll2_selector::interrupt() noexcept {
  if (!waiting_) return;
  write_wake(interrupts_.read_end.get(), interrupts_.write_end.get());
}

error poll2_selector::wait(readiness_list& list, int timeout_ms) noexcept {
  using std::chrono::ceil, std::chrono::milliseconds, std::chrono::steady_clock;
  const auto end = steady_clock::now() + milliseconds(timeout_ms);
  for (int left_ms = timeout_ms;;) {
    begin_wait();
    const int found = ::poll(polled_.data(), static_cast<nfds_t>(polled_.size()), left_ms);
    const error failed = found < 0 ? error(errno) : error();
    end_wait(list);
    if (found <= 0 || !list.empty()) return failed;
    // The set was changed, or what is ready was taken out of it meanwhile.
    if (timeout_ms > 0) {
      const auto left = std::max(end - steady_clock::now(), steady_clock::duration::zero());
      left_ms = static_cast<int>(ceil<milliseconds>(left).count());
    }
  }
}

// Begins behind what the last wait had reported when its list was full, so that all have a turn.
void poll2_selector::begin_wait() noexcept {
  const std::scoped_lock lock(mutex_);
  polled_.assign(1, {interrupts_.read_end.get(), POLLIN, 0});
  versions_.assign(1, 0);
  for (std::size_t n = 0; n < set_.size(); ++n) {
    const std::size_t i = (first_ + n) % set_.size();
    if (set_[i].armed == 0) continue;  // a hang-up would be told of all the same
    polled_.push_back({static_cast<int>(i), events_of(set_[i].armed), 0});
    versions_.push_back(set_[i].version);
  }
  waiting_ = true;
}

void poll2_selector::end_wait(readiness_list& list) noexcept {
  const std::scoped_lock lock(mutex_);
  waiting_ = false;
  if (polled_[0].revents != 0) drain_wakes(polled_[0].fd);
  for (std::size_t i = 1; i < polled_.size(); ++i) {
    if (polled_[i].revents == 0) continue;
    const auto fd = static_cast<std::size_t>(polled_[i].fd);
    if (list.size() == list.capacity()) {
      first_ = fd;
      return;
    }
    // What was changed meanwhile is asked for anew.
    if (set_[fd].version == versions_[i]) report(set_[fd], polled_[i].revents, list);
  }
}

void poll2_selector::report(watched& w, short events, readiness_list& list) noexcept {
  const bool is_waker = static_cast<bool>(w.waker);
  if ((events & POLLNVAL) != 0 || (is_waker && (events & POLLHUP) != 0)) {
    w = {};  // closed
    return;
  }
  const std::uint32_t flags = flags_of(events);
  if (is_waker) {
    drain_wakes(w.waker.get());
  } else {
    w.armed &= ~flags;
  }
  list.push({w.name, flags});
}

// A copy of the read end is ours: it tells when the waker is gone, and its number is nobody else's.
result<wake_channel> poll2_selector::open_waker(token name) noexcept {
  auto channel = open_wake_pipe();
  if (!channel) return channel;
  descriptor copy(::fcntl(channel->read_end.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return error(errno);
  const std::scoped_lock lock(mutex_);
  const int fd = copy.get();
  set(fd, name, readiness::is_readable);
  set_[static_cast<std::size_t>(fd)].waker = std::move(copy);
  return channel;
}

}  // namespace

result<std::unique_ptr<selector>> open_poll2() noexcept {
  auto interrupts = open_wake_pipe();
  if (!interrupts) return interrupts.error();
  std::unique_ptr<selector> opened(new (std::nothrow) poll2_selector(std::move(*interrupts)));
  if (opened == nullptr) return error(ENOMEM);
  return opened;
}

}  // namespace drywire
