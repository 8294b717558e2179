#include "connection.hpp"
#include "state.hpp"

#include <drywire/sim/network.hpp>

namespace drywire::sim {

network::network(const network_options& options) : state_(std::make_unique<state>(options)) {}

network::~network() = default;

host& network::add_host() {
  const auto number = static_cast<std::uint32_t>(state_->hosts.size()) + 1;
  return *state_->hosts.emplace_back(std::make_unique<host>(*state_, number));
}

now network::clocks() const noexcept { return state_->clock.both(); }

void network::pass(duration time) noexcept { state_->clock.go_on_to(state_->time() + time); }

void network::jump_wall_clock(std::int64_t seconds) noexcept { state_->clock.jump(seconds); }

void network::run_for(duration time) noexcept {
  const instant until = state_->time() + time;
  while (state_->time() < until && state_->step(until)) continue;
}

bool network::deliver_next(instant until) noexcept { return state_->deliver_next(until); }

std::size_t network::connections() const noexcept { return state_->connection_count; }

std::size_t network::buffered() const noexcept { return state_->chunks.held() * sizeof(chunk); }

const trace& network::events() const noexcept { return state_->events; }

}  // namespace drywire::sim
