// The Asio backend: the stream contract of socket_backend on an io_context.
#pragma once

#include "asio_include.hpp"
#include "asio_turner.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <atomic>
#include <memory>

namespace drywire {

/// On an io_context that somebody else runs.
class asio_backend : public socket_backend, private loop_host {
 public:
  explicit asio_backend(net::io_context& context);
  ~asio_backend() override;

  [[nodiscard]] std::string_view name() const noexcept override { return "asio"; }
  [[nodiscard]] capability capabilities() const noexcept override;
  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;

  /// The io_context has nothing of this loop's any more. May destroy it.
  void on_left() noexcept;

 protected:
  void wake() noexcept override { turner_->wake(); }
  void set_deadline(instant deadline) noexcept override { turner_->set_deadline(deadline); }
  void stop() noexcept override {}
  void leave_host() noexcept override { turner_->leave(*this); }
  [[nodiscard]] result<socket_watch*> watch(int fd, watched_socket& target) noexcept override;

 private:
  system_sockets sockets_;
  net::io_context& context_;
  std::shared_ptr<asio_turner> turner_;
};

/// An io_context of its own, in a base so that it outlives the streams' and timers' use of it.
struct asio_owned_context {
  net::io_context own_context{1};
};

class asio_owning_backend final : private asio_owned_context, public asio_backend {
 public:
  asio_owning_backend() : asio_backend(own_context), work_(own_context.get_executor()) {}
  // Before anything of it is gone: another thread may be within stop().
  ~asio_owning_backend() override { core().shut_down(); }

  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;

 private:
  void stop() noexcept override;
  void leave_host() noexcept override { host_let_go(); }
  /// Whether stop() was called since this was asked last.
  [[nodiscard]] bool take_stop() noexcept;

  // The io_context knows less of what is left to wait for than loop_core does: alive() decides.
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::atomic<bool> stop_asked_ = false;
  bool running_ = false;
};

}  // namespace drywire
