#include "selector.hpp"

#include <drywire/loop/poll.hpp>

#include <limits>
#include <utility>

namespace drywire {

namespace {

// What CMakeLists.txt compiles here.
constexpr selector_kind kinds[] = {
#if defined(__linux__)
    {"epoll", open_epoll},
#elif defined(DRYWIRE_LOOP_KQUEUE)
    {"kqueue", open_kqueue},
#endif
    {"poll2", open_poll2},
};

// Rounded up, since a timer must not fire early.
int timeout_ms(std::optional<duration> timeout) noexcept {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  if (!timeout) return -1;
  if (timeout->nanoseconds <= 0) return 0;
  const std::int64_t ms = (timeout->nanoseconds - 1) / ns_per_ms + 1;
  return ms > std::numeric_limits<int>::max() ? std::numeric_limits<int>::max()
                                              : static_cast<int>(ms);
}

}  // namespace

std::span<const selector_kind> selectors() noexcept { return kinds; }

poll::poll() noexcept = default;
poll::poll(poll&&) noexcept = default;
poll& poll::operator=(poll&&) noexcept = default;
poll::~poll() = default;
poll::poll(std::unique_ptr<selector> s) noexcept : selector_(std::move(s)) {}

result<poll> poll::open(const selector_kind& kind) noexcept {
  auto opened = kind.open();
  if (!opened) return opened.error();
  return poll(std::move(*opened));
}

error poll::add(int fd, token name, interest wanted) noexcept {
  return selector_->add(fd, name, wanted);
}

error poll::modify(int fd, token name, interest wanted) noexcept {
  return selector_->modify(fd, name, wanted);
}

error poll::remove(int fd) noexcept { return selector_->remove(fd); }

void poll::would_block(int fd, interest blocked) noexcept { selector_->would_block(fd, blocked); }

error poll::wait(readiness_list& list, std::optional<duration> timeout) noexcept {
  list.clear();
  return selector_->wait(list, timeout_ms(timeout));
}

int poll::native_handle() const noexcept { return selector_->native_handle(); }

}  // namespace drywire
