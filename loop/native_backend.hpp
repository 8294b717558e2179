// The native loop: a loop_core that waits in a poll.
#pragma once

#include "native_host.hpp"

#include <drywire/loop/native.hpp>

#include <optional>

namespace drywire {

class native_watch;

class native_backend final : private native_host, public native_loop {
 public:
  native_backend() noexcept;
  ~native_backend() override;
  /// To be called once, before anything else.
  [[nodiscard]] error open(const native_options& options) noexcept {
    return open_host(options.selector);
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "native"; }
  [[nodiscard]] capability capabilities() const noexcept override;
  [[nodiscard]] error handle_signal(int signal_number, signal_handler& handler) noexcept override;
  void remove_signal(int signal_number) noexcept override;
  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;
  [[nodiscard]] int native_handle() const noexcept override { return poll_.native_handle(); }

  // For its watches.

  [[nodiscard]] poll& selector() noexcept { return poll_; }
  /// Frees a closed watch before the next wait.
  void bury(native_watch& closed) noexcept;

 private:
  [[nodiscard]] result<socket_watch*> watch(int fd, watched_socket& target) noexcept override;
  bool cancel_all() noexcept override;
  void turn(duration wait_max) noexcept;
  [[nodiscard]] std::optional<duration> time_to_wait(duration wait_max) const noexcept;
  [[nodiscard]] bool dispatch() noexcept;
  void free_closed() noexcept;

  system_sockets sockets_;
  readiness_list ready_;
  native_watch* closed_ = nullptr;
  bool running_ = false;
  signal_inbox signals_;
};

}  // namespace drywire
