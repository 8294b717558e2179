#include "simulation.hpp"

#include "failure.hpp"
#include "simulated_caller.hpp"
#include "simulated_chatter.hpp"
#include "simulated_client.hpp"

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

// Enough for everybody: who finds no block to inflate a message is told to go.
constexpr std::size_t deflate_blocks_max = 16'384;

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
    : options_(options),
      network_(network_of(options)),
      begin_(network_.clocks().steady),
      keys_(options.seed) {
  sim::host& here = network_.add_host();
  server_loop_ =
      options_.between ? sim::make_sim(here, options_.between(here)) : sim::make_sim(here);
  client_loop_ = sim::make_sim(network_.add_host());
  site_ = std::make_unique<site>(*server_loop_);
  chat_ = std::make_unique<simulated_chat>(plan_);
  http_server_options o;
  o.websockets.deflate_blocks_max = deflate_blocks_max;
  server_ = std::make_unique<http_server>(
      *server_loop_, [this](exchange& x) { answer(x); }, o);
  if (!server_->listen(here.v4(port))) throw failure("sim: the server can't listen");
  plan_.server = here.v4(port);
  plan_.losses_excused = lose(options_.faults);
  start_clients();
}

void simulation::start_clients() {
  testkit::random seeds(options_.seed);
  if (options_.client == user_kind::adapter) http_ = std::make_unique<http_client>(*client_loop_);
  if (options_.client == user_kind::chat) {
    websocket_client_options o;
    o.memory.deflate_blocks_max = deflate_blocks_max;
    o.keys = &keys_;
    websockets_ = std::make_unique<websocket_client>(*client_loop_, o);
  }
  for (std::size_t i = 1; i <= options_.clients; ++i) {
    users_.push_back(make_client(i, seeds.next()));
  }
}

std::unique_ptr<simulated_user> simulation::make_client(std::uint64_t number, std::uint64_t seed) {
  backend& loop = *client_loop_;
  switch (options_.client) {
    case user_kind::raw: return std::make_unique<simulated_client>(loop, plan_, number, seed);
    case user_kind::adapter:
      return std::make_unique<simulated_caller>(loop, *http_, plan_, number, seed);
    case user_kind::chat: break;
  }
  return std::make_unique<simulated_chatter>(loop, *websockets_, *chat_, plan_, options_.clients,
                                             number, seed);
}

// Clients that still have a connection are told of its end.
simulation::~simulation() {
  plan_.over = true;
  http_.reset();
  websockets_.reset();
  client_loop_.reset();
}

void simulation::answer(exchange& x) {
  const std::string_view target = x.request().target;
  if (chat_->answer(x)) return;
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
    for (const auto& each : users_) each->check_patience();
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
  for (const auto& each : users_) each->finish();
  if (http_) http_->close();
  network_.run_for(until_all_ended);
  check_nothing_left();
}

void simulation::check_nothing_left() {
  const auto busy = std::ranges::count_if(users_, [](const auto& each) { return each->busy(); });
  if (busy != 0) violate(std::to_string(busy) + " clients' connections or calls never end");
  if (http_ && http_->connections() + http_->waiting() != 0) {
    violate("connections or calls of the HTTP client never end");
  }
  if (websockets_ && websockets_->connections() + chat_->guests() != 0) {
    violate("connections of the WebSocket client, or the server's, never end");
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

void simulation::violate(const std::string& what) { plan_.violate("simulation", what); }

}  // namespace drywire::tools
