#include "simulation.hpp"

#include "failure.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace drywire::tools {

namespace {

// Those of an ordinary server that is some way off. Small buffers make short writes common.
constexpr duration latency = milliseconds(5);
constexpr std::size_t socket_buffer = std::size_t{64} * 1024;

constexpr std::uint16_t port = 80;

constexpr duration between_checks = seconds(10);

// How long a connection may take to end once its client has gone: the longest timeout is that of a
// system which gets no acknowledgement.
constexpr duration until_all_ended = seconds(3600);

// Blocks that a loop may hold besides those that connections keep: it lends from one.
constexpr std::size_t blocks_beside_max = 16;

sim::network_options network_of(const simulation_options& o) {
  return {.seed = o.seed,
          .faults = o.faults,
          .latency = latency,
          .send_buffer = socket_buffer,
          .receive_buffer = socket_buffer};
}

// Faults that only change when and in which pieces bytes come leave no excuse for losing one.
bool lose(sim::fault_set faults) {
  using sim::fault;
  constexpr fault harmless[] = {fault::short_reads, fault::short_writes, fault::would_block,
                                fault::clock};
  sim::fault_set known;
  for (const fault each : harmless) {
    if (faults.has(each)) known = known | each;
  }
  return faults != known;
}

/// "/generated/SIZE/IDENTITY"
struct generated_target {
  std::uint64_t size = 0;
  std::uint64_t identity = 0;
};

std::optional<generated_target> parse_generated(std::string_view target, std::string_view folder) {
  if (!target.starts_with(folder)) return {};
  target.remove_prefix(folder.size());
  generated_target parsed;
  const char* const end = target.data() + target.size();
  const auto size = std::from_chars(target.data(), end, parsed.size);
  if (size.ec != std::errc() || size.ptr == end || *size.ptr != '/') return {};
  const auto identity = std::from_chars(size.ptr + 1, end, parsed.identity);
  if (identity.ec != std::errc() || identity.ptr != end) return {};
  return parsed;
}

class generated_source final : public owned_body_source {
 public:
  explicit generated_source(const generated_target& what) noexcept : what_(what) {}

  result pull(mutable_bytes to) noexcept override {
    const auto n =
        static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), what_.size - position_));
    write_identity(reinterpret_cast<char*>(to.data()), n, what_.identity, position_);
    position_ += n;
    return {n, position_ == what_.size ? state::end : state::more};
  }

 private:
  generated_target what_;
  std::uint64_t position_ = 0;
};

void give_generated(exchange& x, const generated_target& what, bool chunked) {
  const std::string identity = std::to_string(what.identity);
  const http1::field fields[] = {{"X-Identity", identity}};
  const std::optional<std::uint64_t> length =
      chunked ? std::nullopt : std::optional<std::uint64_t>(what.size);
  const errc answer = x.respond_from(200, fields, std::make_unique<generated_source>(what), length);
  if (answer != errc::ok) x.abort();
}

}  // namespace

simulation::simulation(const simulation_options& options)
    : options_(options), network_(network_of(options)), begin_(network_.clocks().steady) {
  sim::host& here = network_.add_host();
  server_loop_ =
      options_.between ? sim::make_sim(here, options_.between(here)) : sim::make_sim(here);
  client_loop_ = sim::make_sim(network_.add_host());
  site_ = std::make_unique<site>(*server_loop_);
  server_ = std::make_unique<http_server>(*server_loop_, [this](exchange& x) { answer(x); });
  if (!server_->listen(here.v4(port))) throw failure("sim: the server can't listen");
  plan_.server = here.v4(port);
  plan_.losses_excused = lose(options_.faults);
  start_clients();
}

void simulation::start_clients() {
  testkit::random seeds(options_.seed);
  if (options_.adapter) client_ = std::make_unique<http_client>(*client_loop_);
  for (std::size_t i = 1; i <= options_.clients; ++i) {
    if (client_) {
      callers_.emplace_back(*client_loop_, *client_, plan_, i, seeds.next());
    } else {
      clients_.emplace_back(*client_loop_, plan_, i, seeds.next());
    }
  }
}

// Clients that still have a connection are told of its end.
simulation::~simulation() {
  plan_.over = true;
  callers_.clear();
  client_.reset();
  client_loop_.reset();
}

void simulation::answer(exchange& x) const {
  const std::string_view target = x.request().target;
  if (const auto whole = parse_generated(target, "/generated/")) {
    give_generated(x, *whole, false);
  } else if (const auto pieces = parse_generated(target, "/chunked/")) {
    give_generated(x, *pieces, true);
  } else {
    site_->answer(x);
  }
}

bool simulation::run_part(std::size_t parts) {
  const duration whole = nanoseconds(static_cast<std::int64_t>(options_.hours * 3600e9));
  const duration part = nanoseconds(whole.nanoseconds / static_cast<std::int64_t>(parts));
  const instant part_end = network_.clocks().steady + part;
  while (network_.clocks().steady < part_end && violation().empty()) {
    network_.run_for(std::min(between_checks, part_end - network_.clocks().steady));
    check_memory();
    for (simulated_client& each : clients_) each.check_patience();
    for (simulated_caller& each : callers_) each.check_patience();
  }
  return violation().empty() && time() < nanoseconds(whole.nanoseconds - part.nanoseconds / 2);
}

void simulation::check_memory() {
  const std::size_t connections = network_.connections();
  if (network_.buffered() > connections * 2 * (2 * socket_buffer + 8192)) {
    violate("the network buffers more than its sockets may");
  }
  for (const auto* loop : {&server_loop_, &client_loop_}) {
    if ((*loop)->core().blocks().held() > server_->connections() + blocks_beside_max) {
      violate("a loop holds more blocks than it has connections");
    }
  }
}

void simulation::finish() {
  if (!violation().empty()) return;
  plan_.over = true;
  for (simulated_client& each : clients_) each.finish();
  for (simulated_caller& each : callers_) each.finish();
  if (client_) client_->close();
  network_.run_for(until_all_ended);
  check_nothing_left();
}

void simulation::check_nothing_left() {
  const auto connected = std::ranges::count_if(clients_, &simulated_client::connected);
  if (connected != 0) violate(std::to_string(connected) + " clients' connections never end");
  const auto calling = std::ranges::count_if(callers_, &simulated_caller::calling);
  if (calling != 0) violate(std::to_string(calling) + " calls never end");
  if (client_ && client_->connections() + client_->waiting() != 0) {
    violate("connections or calls of the HTTP client never end");
  }
  if (const std::size_t n = server_->connections()) {
    violate(std::to_string(n) + " of the server's connections never end");
  }
  if (network_.connections() != 0) {
    violate(std::to_string(network_.connections()) + " connections are left in the network");
  }
  if (network_.buffered() != 0) {
    violate(std::to_string(network_.buffered()) + " bytes are left in the network");
  }
}

void simulation::violate(std::string what) {
  if (plan_.violation.empty()) plan_.violation = std::move(what);
}

}  // namespace drywire::tools
