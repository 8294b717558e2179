// What the hosts, connections and loops of one network share.
#pragma once

#include "byte_queue.hpp"
#include "event_queue.hpp"
#include "turning.hpp"
#include "virtual_clock.hpp"

#include <drywire/sim/network.hpp>
#include <drywire/testkit/random.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace drywire::sim {

class state {
 public:
  explicit state(const network_options& o)
      : options(o),
        random(o.seed),
        clock(o.unix_seconds, o.faults.has(fault::clock), o.seed ^ 0x5bd1e995) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state();

  [[nodiscard]] instant time() const noexcept { return clock.time(); }
  void plan(instant when, const event& planned);
  void note(happening what, std::uint64_t connection, unsigned side, std::uint64_t value) noexcept {
    events.note(time(), what, connection, side, value);
  }

  /// True once in `of` times, where the fault is on.
  [[nodiscard]] bool strikes(fault f, std::size_t of) noexcept {
    return options.faults.has(f) && random.below(of) == 0;
  }
  /// At least one of `all`, often no more.
  [[nodiscard]] std::size_t some_of(std::size_t all) noexcept {
    return random.below(4) == 0 ? 1 : 1 + random.below(all);
  }
  [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
    return low + random.below(high - low);
  }

  /// Everything due happens, then one loop turns; or else time goes on to the next event. False,
  /// and it is `until`, when there is nothing before.
  bool step(instant until) noexcept;
  /// As that, without loops.
  bool deliver_next(instant until) noexcept;

  [[nodiscard]] host* find_host(const endpoint& where) const noexcept;

  const network_options options;
  testkit::random random;
  virtual_clock clock;
  trace events;
  chunk_pool chunks;
  turning loops;
  std::vector<std::unique_ptr<host>> hosts;
  connection* connections = nullptr;
  std::size_t connection_count = 0;
  std::uint64_t connections_begun = 0;

 private:
  void happen(const event& due) noexcept;

  event_queue planned_;
};

}  // namespace drywire::sim
