// How signals reach a socket_backend: their handlers write into a pipe that the loop watches, while
// any signal is handled.
#pragma once

#include <drywire/loop/signal_inbox.hpp>
#include <drywire/loop/socket_backend.hpp>

namespace drywire {

class socket_signals final : private signal_waker, private watched_socket {
 public:
  explicit socket_signals(socket_backend& loop) noexcept : loop_(loop), inbox_(*this) {}
  socket_signals(const socket_signals&) = delete;
  socket_signals& operator=(const socket_signals&) = delete;
  ~socket_signals();

  [[nodiscard]] error add(int signal_number, signal_handler& handler) noexcept;
  void remove(int signal_number) noexcept;

 private:
  void wake_from_signal() noexcept override;
  void on_readable() noexcept override;
  void on_writable() noexcept override {}

  [[nodiscard]] error open() noexcept;
  void close() noexcept;

  socket_backend& loop_;
  socket_watch* watch_ = nullptr;  // of the read end, which it owns
  int read_fd_ = -1;
  descriptor write_end_;
  signal_inbox inbox_;  // dies first: no signal comes any more
};

}  // namespace drywire
