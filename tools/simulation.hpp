// The server of `drywire serve` and its clients in a simulated network, until the time is over or a
// promise is broken.
#pragma once

#include "simulated_caller.hpp"
#include "simulated_client.hpp"
#include "site.hpp"

#include <drywire/adapters/http_client.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/sim/sim.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace drywire::tools {

struct simulation_options {
  std::size_t clients = 1000;
  double hours = 1;
  std::uint64_t seed = 1;
  sim::fault_set faults = {};
  /// The clients share one http_client; else each speaks for itself, in bytes.
  bool adapter = false;
  /// Puts something between the server's loop and its host: for tests that break it. Returns what
  /// outlives the simulation.
  std::function<socket_calls&(sim::host&)> between = {};
};

/// What it promises, looked at while it runs and at the end: every byte of every reply belongs to
/// its request; without faults nothing is cut off that the client didn't provoke; buffers stay
/// within their bounds; when the clients have gone, no connection and no buffer is left. With the
/// adapter, besides: every call ends once, complete or for a named reason, within its timeout.
class simulation {
 public:
  explicit simulation(const simulation_options& options);
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;
  ~simulation();

  /// Runs a part of the hours; false when there is no more, or a promise is broken.
  bool run_part(std::size_t parts);
  /// Lets the clients go, and looks at what is left.
  void finish();

  [[nodiscard]] const client_plan& clients() const noexcept { return plan_; }
  /// Empty as long as all is well.
  [[nodiscard]] const std::string& violation() const noexcept { return plan_.violation; }
  [[nodiscard]] const sim::network& network() const noexcept { return network_; }
  /// Since it began.
  [[nodiscard]] duration time() const noexcept { return network_.clocks().steady - begin_; }

 private:
  void answer(exchange& x) const;
  void start_clients();
  void check_memory();
  void check_nothing_left();
  void violate(std::string what);

  const simulation_options options_;
  sim::network network_;
  const instant begin_;
  client_plan plan_;
  std::unique_ptr<backend> server_loop_;
  std::unique_ptr<backend> client_loop_;
  std::unique_ptr<site> site_;
  std::unique_ptr<http_server> server_;
  std::unique_ptr<http_client> client_;
  std::deque<simulated_client> clients_;
  std::deque<simulated_caller> callers_;
};

}  // namespace drywire::tools
