#include "serve.hpp"

#include "server_threads.hpp"

#include <cinttypes>
#include <optional>

namespace drywire::tools {

namespace {

void tell_addresses(const server_threads& servers, const settings& wanted, std::FILE* out) {
  const std::string loop = wanted.threads == 1
                               ? wanted.loop
                               : wanted.loop + ", " + std::to_string(wanted.threads) + " threads";
  for (const endpoint& address : servers.addresses()) {
    std::fprintf(out, "listening on %s (%s)\n", address.to_string().c_str(), loop.c_str());
  }
  std::fflush(out);
}

void tell_trace(const server_threads& servers, std::FILE* out) {
  std::uint64_t hash = 0;
  std::uint64_t connections = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  for (const auto& each : servers.loops()) {
    hash += each->trace().hash();
    connections += each->trace().connections();
    events += each->trace().events();
    bytes += each->trace().output_bytes();
  }
  std::fprintf(
      out, "trace %016" PRIx64 " connections %" PRIu64 " events %" PRIu64 " bytes %" PRIu64 "\n",
      hash, connections, events, bytes);
  std::fflush(out);
}

}  // namespace

int serve(const settings& wanted, bool trace, std::FILE* out) {
  std::optional<access_log> log;
  if (wanted.log) log.emplace(out, wanted.format);
  server_threads servers(wanted, trace, log ? &*log : nullptr);
  tell_addresses(servers, wanted, out);
  const bool complete = servers.run();
  if (trace) tell_trace(servers, out);
  return complete ? 0 : 1;
}

}  // namespace drywire::tools
