#include "failure.hpp"
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace drywire::tools {

namespace {

struct raw_sim {
  sim_flags flags;
  std::string faults = "none";
  std::string client = "raw";
};

std::string names_of_faults() {
  std::string names;
  for (const sim::named_fault& each : sim::named_faults()) {
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  }
  return names;
}

sim_flags flags_of(const raw_sim& raw) {
  sim_flags flags = raw.flags;
  const auto faults = sim::fault_set::parse(raw.faults);
  if (!faults) {
    throw failure("--faults: '" + raw.faults + "' is not a list of " + names_of_faults());
  }
  flags.faults = *faults;
  if (raw.client == "adapter") flags.client = user_kind::adapter;
  if (raw.client == "chat") flags.client = user_kind::chat;
  return flags;
}

}  // namespace

void add_sim(CLI::App& app, command_line& parsed) {
  auto raw = std::make_shared<raw_sim>();
  auto* simulated = app.add_subcommand(
      "sim", "Run the server against simulated clients, in a simulated network and virtual time");
  sim_flags& flags = raw->flags;
  simulated->add_option("--clients", flags.clients, "How many clients (1000)")
      ->check(CLI::Range(1, 20'000));
  simulated->add_option("--hours", flags.hours, "Virtual time (1)")->check(CLI::Range(0.0, 1000.0));
  simulated->add_option("--seed", flags.seed, "All that happens depends on it alone (1)");
  simulated->add_option("--seeds", flags.seeds, "Run so many, from --seed on (1)");
  simulated->add_option("--faults", raw->faults,
                        "What goes wrong: all, none, or a list of " + names_of_faults());
  simulated
      ->add_option("--client", raw->client,
                   "raw: each speaks HTTP for itself; adapter: they share an http_client; chat: "
                   "they talk to each other by WebSocket (raw)")
      ->check(CLI::IsMember({"raw", "adapter", "chat"}));
  simulated->callback([raw, &parsed] { parsed.sim = flags_of(*raw); });
}

}  // namespace drywire::tools
