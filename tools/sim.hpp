// `drywire sim`: the server of `drywire serve` in a simulated network.
#pragma once

#include "simulated_user.hpp"

#include <drywire/sim/faults.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace drywire::tools {

struct sim_flags {
  std::size_t clients = 1000;
  double hours = 1;
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;  ///< how many of them, one after the other
  sim::fault_set faults = {};
  user_kind client = user_kind::raw;
};

/// Writes its progress to `out`, and for each seed times, counts and the trace's hash. Ends at the
/// first seed that breaks a promise, with the command that does it again and the end of the trace.
/// Returns the exit status: 0, or 1 for a broken promise.
[[nodiscard]] int simulate(const sim_flags& wanted, std::FILE* out);

}  // namespace drywire::tools
