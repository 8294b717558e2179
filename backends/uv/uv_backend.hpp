// The backend over libuv: the stream contract of socket_backend on a uv loop.
#pragma once

#include "uv_turner.hpp"

#include <drywire/loop/signal_inbox.hpp>
#include <drywire/loop/socket_backend.hpp>

#include <uv.h>

#include <atomic>

namespace drywire {

class uv_backend final : private loop_host, private signal_waker, public socket_backend {
 public:
  uv_backend() noexcept;
  ~uv_backend() override;

  /// One of these, once, before anything else.
  [[nodiscard]] error make_loop() noexcept;
  [[nodiscard]] error attach(uv_loop_t& loop) noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "uv"; }
  [[nodiscard]] capability capabilities() const noexcept override;
  [[nodiscard]] error handle_signal(int signal_number, signal_handler& handler) noexcept override;
  void remove_signal(int signal_number) noexcept override;
  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;

  /// A deadline has come.
  void turn() noexcept;
  /// Another thread or a signal has woken the loop.
  void on_woken() noexcept;
  /// The loop has no handle of this one any more. May destroy it.
  void on_left() noexcept;

 private:
  void wake() noexcept override { turner_->wake(); }
  void wake_from_signal() noexcept override;
  void set_deadline(instant deadline) noexcept override;
  void stop() noexcept override;
  bool cancel_all() noexcept override;
  void leave_host() noexcept override;

  [[nodiscard]] result<socket_watch*> watch(int fd, watched_socket& target) noexcept override;

  [[nodiscard]] bool owns_loop() const noexcept { return loop_ == &own_loop_; }
  [[nodiscard]] error open_turner() noexcept;
  void close_loop() noexcept;

  system_sockets sockets_;
  uv_loop_t own_loop_{};
  uv_loop_t* loop_ = nullptr;
  uv_turner* turner_ = nullptr;
  signal_inbox signals_{static_cast<signal_waker&>(*this)};
  std::atomic<bool> signalled_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace drywire
