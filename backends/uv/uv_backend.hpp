// The backend over libuv: a loop_core that is turned by a uv loop, and the handles of its streams.
#pragma once

#include "uv_turner.hpp"

#include <drywire/loop/backend.hpp>
#include <drywire/loop/signal_inbox.hpp>
#include <drywire/loop/socket.hpp>

#include <uv.h>

#include <atomic>
#include <optional>

namespace drywire {

class uv_entry;

class uv_backend final : private loop_host, private signal_waker, public backend {
 public:
  uv_backend() noexcept;
  ~uv_backend() override;

  /// One of these, once, before anything else.
  [[nodiscard]] error make_loop() noexcept;
  [[nodiscard]] error attach(uv_loop_t& loop) noexcept;

  [[nodiscard]] std::string_view name() const noexcept override { return "uv"; }
  [[nodiscard]] capability capabilities() const noexcept override;
  [[nodiscard]] result<listener*> listen(const endpoint& where, accept_handler& handler,
                                         const listen_options& options) noexcept override;
  [[nodiscard]] stream& connect(const endpoint& where, stream_handler& handler) noexcept override;
  [[nodiscard]] error handle_signal(int signal_number, signal_handler& handler) noexcept override;
  void remove_signal(int signal_number) noexcept override;
  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;

  /// A deadline has come.
  void turn() noexcept;
  /// Another thread or a signal has woken the loop.
  void on_woken() noexcept;

  // For its streams and listeners.

  [[nodiscard]] uv_loop_t& loop() noexcept { return *loop_; }
  /// The block that uv reads into, whichever stream it is; empty between two reads.
  [[nodiscard]] block& lent() noexcept { return lent_; }
  [[nodiscard]] spare_descriptor& spare() noexcept { return spare_; }

 private:
  friend class uv_entry;

  void wake() noexcept override { turner_->wake(); }
  void wake_from_signal() noexcept override;
  void set_deadline(instant deadline) noexcept override;
  void stop() noexcept override;

  [[nodiscard]] bool owns_loop() const noexcept { return loop_ == &own_loop_; }
  [[nodiscard]] error open_turner() noexcept;
  void close_entries() noexcept;
  void close_loop() noexcept;

  uv_loop_t own_loop_{};
  uv_loop_t* loop_ = nullptr;
  uv_turner* turner_ = nullptr;
  uv_entry* entries_ = nullptr;
  block lent_;
  spare_descriptor spare_;
  std::optional<signal_inbox> signals_{std::in_place, static_cast<signal_waker&>(*this)};
  std::atomic<bool> signalled_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace drywire
