// The operating system's part of poll. Each way to ask it has one file, poll_<kind>.cpp, that
// defines one class with these names and the function that opens it.
#pragma once

#include "wake_channel.hpp"

#include <drywire/loop/poll.hpp>

#include <memory>
#include <optional>

namespace drywire {

class selector {
 public:
  selector() = default;
  selector(const selector&) = delete;
  selector& operator=(const selector&) = delete;
  virtual ~selector() = default;

  // What the members of poll promise.
  [[nodiscard]] virtual error add(int fd, token name, interest wanted) noexcept = 0;
  [[nodiscard]] virtual error modify(int fd, token name, interest wanted) noexcept = 0;
  [[nodiscard]] virtual error remove(int fd) noexcept = 0;
  virtual void would_block(int fd, interest blocked) noexcept = 0;
  /// -1 waits for ever.
  [[nodiscard]] virtual error wait(readiness_list& list, int timeout_ms) noexcept = 0;
  [[nodiscard]] virtual int native_handle() const noexcept = 0;

  /// A channel that is reported as `name` after each wake, until it is closed.
  [[nodiscard]] virtual result<wake_channel> open_waker(token name) noexcept = 0;
};

[[nodiscard]] result<std::unique_ptr<selector>> open_epoll() noexcept;
[[nodiscard]] result<std::unique_ptr<selector>> open_kqueue() noexcept;
[[nodiscard]] result<std::unique_ptr<selector>> open_poll2() noexcept;

}  // namespace drywire
