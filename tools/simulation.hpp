// The server of `drywire serve` and its clients in a simulated network, until the time is over or a
// promise is broken.
#pragma once

#include "seeded_keys.hpp"
#include "simulated_chat.hpp"
#include "simulated_user.hpp"
#include "site.hpp"

#include <drywire/adapters/http_client.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/websocket_client.hpp>
#include <drywire/sim/sim.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace drywire::tools {

struct simulation_options {
  std::size_t clients = 1000;
  double hours = 1;
  std::uint64_t seed = 1;
  sim::fault_set faults = {};
  user_kind client = user_kind::raw;
  /// Puts something between the server's loop and its host: for tests that break it. Returns what
  /// outlives the simulation.
  std::function<socket_calls&(sim::host&)> between = {};
};

/// What it promises, looked at while it runs and at the end: every byte of every reply belongs to
/// its request; without faults nothing is cut off that the client didn't provoke; buffers stay
/// within their bounds; when the clients have gone, no connection and no buffer is left. With the
/// adapter, besides: every call ends once, complete or for a named reason, within its timeout. In a
/// chat: as long as a connection lives, every message arrives, once and in order.
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
  void answer(exchange& x);
  void start_clients();
  std::unique_ptr<simulated_user> make_client(std::uint64_t number, std::uint64_t seed);
  void check_memory();
  void check_nothing_left();
  void violate(const std::string& what);

  const simulation_options options_;
  sim::network network_;
  const instant begin_;
  client_plan plan_;
  std::unique_ptr<backend> server_loop_;
  std::unique_ptr<backend> client_loop_;
  std::unique_ptr<site> site_;
  std::unique_ptr<simulated_chat> chat_;
  std::unique_ptr<http_server> server_;
  seeded_keys keys_;
  std::unique_ptr<http_client> http_;
  std::unique_ptr<websocket_client> websockets_;
  std::vector<std::unique_ptr<simulated_user>> users_;
};

}  // namespace drywire::tools
