// The loops of `drywire serve`, each in a thread, from their beginning to their end.
//
// The first loop runs in the thread of the caller and has the signals. The first signal drains all
// servers; a timer on the first loop keeps that alive until the last of them has said that it is
// done, or the time for it is over. That, or a second signal, stops every loop.
#pragma once

#include "served_loop.hpp"

#include <cstddef>
#include <cstdio>
#include <memory>
#include <vector>

namespace drywire::tools {

class server_threads final : private signal_handler, private timer {
 public:
  /// Makes the loops, listens, and handles SIGTERM and SIGINT. Threads share each port; with port 0
  /// the one that the first has got. Throws failure. `wanted` and `log`, which may be null, outlive
  /// it.
  server_threads(const settings& wanted, bool traced, access_log* log);
  server_threads(const server_threads&) = delete;
  server_threads& operator=(const server_threads&) = delete;
  ~server_threads() override;

  /// As the settings have them, but for the ports, which are real.
  [[nodiscard]] const std::vector<endpoint>& addresses() const noexcept { return addresses_; }
  /// Until all loops have ended. True when nothing was cut off. Throws failure when one fails.
  [[nodiscard]] bool run();
  /// Behind run(): what each loop has seen.
  [[nodiscard]] const std::vector<std::unique_ptr<served_loop>>& loops() const noexcept {
    return loops_;
  }

 private:
  class running_threads;

  void handle_signals();
  void listen();
  void listen_on(const endpoint& where);
  void check_shareable(const endpoint& where) const;
  void on_signal(int signal_number) noexcept override;
  void on_timer() noexcept override { cut_off(); }
  void drain() noexcept;
  void end_one() noexcept;
  void cut_off() noexcept;
  void stop_all() noexcept;

  const settings& wanted_;
  std::vector<std::unique_ptr<site_counters>> counters_;
  std::vector<site_counters*> all_counters_;
  chat_room room_;
  std::vector<std::unique_ptr<served_loop>> loops_;
  std::vector<endpoint> addresses_;
  std::vector<error> ends_;   // of run(), each written by its thread
  std::size_t draining_ = 0;  // servers that aren't done
  bool signalled_ = false;
  bool cut_off_ = false;
};

}  // namespace drywire::tools
