// The loop of a simulated host: turns when its network says so.
#pragma once

#include "sim_watch.hpp"

#include <drywire/loop/socket_backend.hpp>
#include <drywire/sim/host.hpp>

#include <atomic>
#include <cstddef>

namespace drywire::sim {

class sim_backend final : private loop_host, public socket_backend {
 public:
  sim_backend(host& where, socket_calls& calls);
  ~sim_backend() override;

  [[nodiscard]] std::string_view name() const noexcept override { return "sim"; }
  [[nodiscard]] capability capabilities() const noexcept override;
  [[nodiscard]] error handle_signal(int signal_number, signal_handler& handler) noexcept override;
  void remove_signal(int) noexcept override {}
  [[nodiscard]] error run() noexcept override;
  bool run_once(duration wait_max) noexcept override;

  // For its network.

  /// Precondition: no scope is open.
  void turn() noexcept;
  void on_deadline_event() noexcept;
  bool in_line = false;  // the turning's own
  bool woken = false;

  // For its watches.

  [[nodiscard]] state& network() noexcept { return network_; }
  [[nodiscard]] host& at() noexcept { return host_; }
  [[nodiscard]] socket_calls& calls() noexcept { return calls_; }
  void ready(sim_watch& watch) noexcept;
  sim_watch* telling = nullptr;  // null once it is closed

 private:
  void wake() noexcept override;
  void set_deadline(instant deadline) noexcept override;
  void stop() noexcept override;
  [[nodiscard]] now read_clocks() const noexcept override;

  [[nodiscard]] result<socket_watch*> watch(int fd, watched_socket& target) noexcept override;
  void tell_ready() noexcept;

  host& host_;
  state& network_;
  socket_calls& calls_;
  std::size_t number_;
  watch_list ready_;
  instant deadline_ = instant::never();
  instant planned_deadline_ = instant::never();  // of the network's event
  bool running_ = false;
  bool turned_ = false;
  std::atomic<bool> stop_asked_ = false;
};

}  // namespace drywire::sim
