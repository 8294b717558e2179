// The calls on what is no socket: pipes and devices.
#pragma once

#include <drywire/loop/socket_calls.hpp>

namespace drywire {

class pipe_calls final : public stream_calls {
 public:
  /// There is nothing in it, so one is enough for all threads.
  [[nodiscard]] static pipe_calls& instance() noexcept;

  [[nodiscard]] result<std::size_t> receive(int fd, mutable_bytes into) noexcept override;
  /// Raises SIGPIPE, which drywire ignores, unless the program handles it in its own way.
  [[nodiscard]] result<std::size_t> send(int fd,
                                         std::span<const const_bytes> pieces) noexcept override;
  /// EPIPE when nobody can read any more what is written here.
  [[nodiscard]] error pending_error(int fd) noexcept override;
  /// A pipe's one direction ends with the descriptor.
  bool shut_down_sending(int) noexcept override { return false; }
  /// What is in the pipe stays there when we go.
  [[nodiscard]] std::size_t unacknowledged(int) noexcept override { return 0; }
  void reset_on_close(int) noexcept override {}
  [[nodiscard]] endpoint local(int) noexcept override { return endpoint::unix_unnamed(); }
  void close(int fd) noexcept override { descriptor(fd).close(); }
};

}  // namespace drywire
