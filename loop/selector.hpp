// The operating system's part of poll. Each system has one file, poll_<system>.cpp, that defines
// one class with these names and open_selector().
#pragma once

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
};

/// Null without memory.
[[nodiscard]] result<std::unique_ptr<selector>> open_selector() noexcept;

}  // namespace drywire
