// A network of simulated hosts under a virtual clock: what happens in it depends on its seed and
// on the programs that run in it, on nothing else.
//
//   drywire::sim::network net({.seed = 7, .faults = drywire::sim::fault_set::all()});
//   drywire::sim::host& server = net.add_host();
//   auto loop = drywire::sim::make_sim(server);
//
// Time passes when there is nothing to do at present: it goes on to the next packet or timer of any
// host. One thread turns all the loops of a network, whichever of them is run; they share one
// processor, on which each turn takes `turn_cost`.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/sim/faults.hpp>
#include <drywire/sim/host.hpp>
#include <drywire/sim/trace.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace drywire::sim {

struct network_options {
  std::uint64_t seed = 1;
  fault_set faults = {};
  /// One way between two hosts, and within one.
  duration latency = microseconds(100);
  duration loopback_latency = microseconds(10);
  /// Of each direction of a connection; 0 is without bound.
  std::uint64_t bytes_per_second = 0;
  /// Bytes that a socket holds until the peer's system has them, and until they are received.
  std::size_t send_buffer = std::size_t{4} << 20;
  std::size_t receive_buffer = std::size_t{1} << 20;
  duration turn_cost = microseconds(1);
  /// The wall clock when it begins.
  std::int64_t unix_seconds = 1'800'000'000;
};

class state;

class network {
 public:
  explicit network(const network_options& options = {});
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  /// Precondition: no loop and no descriptor of its hosts is left.
  ~network();

  /// A host with an address of each family, 10.0.0.1 and fd00::1 for the first. Lives as long as
  /// the network.
  host& add_host();

  [[nodiscard]] now clocks() const noexcept;
  /// Lets time pass as a callback does that takes long: what is due meanwhile comes late.
  void pass(duration time) noexcept;
  /// The steady clock doesn't see it.
  void jump_wall_clock(std::int64_t seconds) noexcept;

  /// Turns all loops for that long in virtual time. Precondition: not within a callback of one.
  void run_for(duration time) noexcept;
  /// Lets the next packet arrive, without turning any loop. False, and it is `until`, when there is
  /// none before.
  bool deliver_next(instant until) noexcept;

  /// Connections that anything is left of, also those that no program knows any more.
  [[nodiscard]] std::size_t connections() const noexcept;
  /// Bytes of memory that hold what was sent and is not received yet.
  [[nodiscard]] std::size_t buffered() const noexcept;
  [[nodiscard]] const trace& events() const noexcept;

 private:
  friend class host;

  std::unique_ptr<state> state_;
};

}  // namespace drywire::sim
