// Loops by their names, the simulator's among them.
#pragma once

#include <drywire/backends/make_backend.hpp>
#include <drywire/sim/sim.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace drywire::tests {

/// Those of named_loop.
inline std::vector<std::string_view> loop_names() {
  std::vector<std::string_view> names(backend_names().begin(), backend_names().end());
  names.push_back("sim");
  names.push_back("sim, with faults");
  return names;
}

/// A loop by its name; the simulator's brings its network.
struct named_loop {
  explicit named_loop(std::string_view name) {
    if (name.starts_with("sim")) {
      sim::network_options options;
      if (name != "sim") {
        options.seed = 7;
        options.faults =
            sim::fault::short_reads | sim::fault::short_writes | sim::fault::would_block;
      }
      network = std::make_unique<sim::network>(options);
      loop = sim::make_sim(network->add_host());
    } else {
      loop = make_backend(name);
    }
  }

  std::unique_ptr<sim::network> network;
  std::unique_ptr<backend> loop;
};

}  // namespace drywire::tests
