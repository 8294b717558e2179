#include "selector.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <utility>
#include <vector>

namespace drywire {

namespace {

class epoll_selector final : public selector {
 public:
  explicit epoll_selector(int fd) noexcept : fd_(fd) {}
  ~epoll_selector() override { ::close(fd_); }

  error add(int fd, token name, interest wanted) noexcept override {
    return control(EPOLL_CTL_ADD, fd, name, wanted);
  }
  error modify(int fd, token name, interest wanted) noexcept override {
    return control(EPOLL_CTL_MOD, fd, name, wanted);
  }
  error remove(int fd) noexcept override {
    return control(EPOLL_CTL_DEL, fd, token{}, interest::both);
  }
  void would_block(int, interest) noexcept override {}  // epoll re-arms by itself
  result<wake_channel> open_waker(token name) noexcept override;
  error wait(readiness_list& list, int timeout_ms) noexcept override;
  int native_handle() const noexcept override { return fd_; }

 private:
  error control(int operation, int fd, token name, interest wanted) const noexcept;

  int fd_;
  std::vector<epoll_event> events_;
};

std::uint32_t events_of(interest wanted) noexcept {
  std::uint32_t events = EPOLLET;
  if (wanted != interest::writable) events |= EPOLLIN | EPOLLRDHUP;
  if (wanted != interest::readable) events |= EPOLLOUT;
  return events;
}

// A hang-up or an error lets neither a read nor a write block, so both are promised then: the end
// of a pipe, for one, is told as EPOLLHUP alone.
std::uint32_t flags_of(std::uint32_t events) noexcept {
  std::uint32_t flags = 0;
  if ((events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    flags |= readiness::is_readable;
  }
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) flags |= readiness::is_writable;
  if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0) flags |= readiness::is_read_closed;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) flags |= readiness::is_write_closed;
  if ((events & EPOLLERR) != 0) flags |= readiness::is_error;
  return flags;
}

error epoll_selector::control(int operation, int fd, token name, interest wanted) const noexcept {
  epoll_event event{};
  event.events = events_of(wanted);
  event.data.u64 = static_cast<std::uint64_t>(name);
  return ::epoll_ctl(fd_, operation, fd, &event) == 0 ? error() : error(errno);
}

// Every write is an edge of its own, so nothing is ever drained.
result<wake_channel> epoll_selector::open_waker(token name) noexcept {
  auto channel = open_wake_eventfd();
  if (!channel) return channel;
  if (const error failed = add(channel->read_end.get(), name, interest::readable)) return failed;
  return channel;
}

error epoll_selector::wait(readiness_list& list, int timeout_ms) noexcept {
  if (events_.size() < list.capacity()) events_.resize(list.capacity());
  const int found =
      ::epoll_wait(fd_, events_.data(), static_cast<int>(list.capacity()), timeout_ms);
  if (found < 0) return error(errno);
  for (int i = 0; i < found; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    list.push({static_cast<token>(event.data.u64), flags_of(event.events)});
  }
  return {};
}

}  // namespace

result<std::unique_ptr<selector>> open_epoll() noexcept {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return error(errno);
  std::unique_ptr<selector> opened(new (std::nothrow) epoll_selector(fd));
  if (opened == nullptr) {
    ::close(fd);
    return error(ENOMEM);
  }
  return opened;
}

}  // namespace drywire
