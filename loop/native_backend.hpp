// The native loop: a loop_core that waits in a poll.
#pragma once

#include "native_host.hpp"
#include "native_source.hpp"

#include <drywire/loop/backend.hpp>
#include <drywire/loop/socket.hpp>

namespace drywire {

class native_backend final : private native_host, public backend {
 public:
  native_backend() noexcept;
  ~native_backend() override;
  /// To be called once, before anything else.
  [[nodiscard]] error open() noexcept { return open_host(); }

  [[nodiscard]] std::string_view name() const noexcept override { return "native"; }
  [[nodiscard]] capability capabilities() const noexcept override;
  [[nodiscard]] result<listener*> listen(const endpoint& where, accept_handler& handler,
                                         const listen_options& options) noexcept override;
  [[nodiscard]] stream& connect(const endpoint& where, stream_handler& handler) noexcept override;
  [[nodiscard]] error handle_signal(int signal_number, signal_handler& handler) noexcept override;
  void remove_signal(int signal_number) noexcept override;
  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;

  // For its streams and listeners.

  [[nodiscard]] poll& selector() noexcept { return poll_; }
  /// The block that every stream receives into, one after the other. Empty without memory.
  [[nodiscard]] block& lent_block() noexcept;
  [[nodiscard]] spare_descriptor& spare() noexcept { return spare_; }
  [[nodiscard]] native_source*& sources() noexcept { return sources_; }

 private:
  void turn(duration wait_max) noexcept;
  [[nodiscard]] std::optional<duration> time_to_wait(duration wait_max) const noexcept;
  [[nodiscard]] bool dispatch() noexcept;

  readiness_list ready_;
  block lent_;
  spare_descriptor spare_;
  native_source* sources_ = nullptr;
  bool running_ = false;
  signal_inbox signals_;
};

}  // namespace drywire
