#include "sim.hpp"

#include "simulation.hpp"

#include <cinttypes>
#include <ctime>
#include <string>

namespace drywire::tools {

namespace {

constexpr std::size_t parts = 10;
constexpr std::size_t trace_lines = 40;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double seconds_of(duration d) { return static_cast<double>(d.nanoseconds) / 1e9; }

const char* option_of(user_kind client) {
  switch (client) {
    case user_kind::raw: return "";
    case user_kind::adapter: return " --client adapter";
    case user_kind::chat: return " --client chat";
  }
  return "";
}

// What clients did: for each message said there are those that were told of it. The HTTP client
// keeps to itself how many connections it has made.
std::string counts_of(const sim_flags& wanted, const client_plan& seen) {
  const bool chat = wanted.client == user_kind::chat;
  std::string all = std::to_string(seen.replies) + (chat ? " messages told of " : " replies to ") +
                    std::to_string(seen.requests) + (chat ? " said" : " requests");
  if (wanted.client == user_kind::adapter) return all;
  return all + ", " + std::to_string(seen.connects) + " connections";
}

void write_progress(const sim_flags& wanted, const simulation& running, std::FILE* out) {
  std::fprintf(out, "%8.0f s  %s\n", seconds_of(running.time()),
               counts_of(wanted, running.clients()).c_str());
  std::fflush(out);
}

void write_result(const sim_flags& wanted, std::uint64_t seed, const simulation& ended, double cpu,
                  std::FILE* out) {
  const client_plan& seen = ended.clients();
  std::fprintf(out,
               "seed %" PRIu64 " clients %zu faults %s: %s, %" PRIu64 " cut off, %" PRIu64
               " dropped by clients; %.0f s virtual in %.2f s of CPU\n"
               "trace %016" PRIx64 " events %" PRIu64 "\n",
               seed, wanted.clients, wanted.faults.to_string().c_str(),
               counts_of(wanted, seen).c_str(), seen.cut_off, seen.abandoned,
               seconds_of(ended.time()), cpu, ended.network().events().hash(),
               ended.network().events().size());
  std::fflush(out);
}

void write_violation(const sim_flags& wanted, std::uint64_t seed, const simulation& broken,
                     std::FILE* out) {
  std::fprintf(out,
               "violation: %s\n"
               "again: drywire sim --clients %zu --hours %g --seed %" PRIu64
               " --faults %s%s\n"
               "the end of the trace (time, connection, < who connected or > who accepted):\n%s",
               broken.violation().c_str(), wanted.clients, wanted.hours, seed,
               wanted.faults.to_string().c_str(), option_of(wanted.client),
               broken.network().events().tail(trace_lines).c_str());
  std::fflush(out);
}

bool run_seed(const sim_flags& wanted, std::uint64_t seed, std::FILE* out) {
  const double begin = cpu_seconds();
  simulation running({.clients = wanted.clients,
                      .hours = wanted.hours,
                      .seed = seed,
                      .faults = wanted.faults,
                      .client = wanted.client});
  while (running.run_part(parts)) {
    if (wanted.seeds == 1) write_progress(wanted, running, out);
  }
  running.finish();
  write_result(wanted, seed, running, cpu_seconds() - begin, out);
  if (running.violation().empty()) return true;
  write_violation(wanted, seed, running, out);
  return false;
}

}  // namespace

int simulate(const sim_flags& wanted, std::FILE* out) {
  for (std::uint64_t i = 0; i != wanted.seeds; ++i) {
    if (!run_seed(wanted, wanted.seed + i, out)) return 1;
  }
  return 0;
}

}  // namespace drywire::tools
