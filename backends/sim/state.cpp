#include "state.hpp"

#include "connection.hpp"
#include "endpoints.hpp"
#include "sim_backend.hpp"

#include <cassert>

namespace drywire::sim {

// Events are all that is left of connections which no program knows any more.
state::~state() {
  while (connections != nullptr) connections->forget();
  hosts.clear();
}

void state::plan(instant when, const event& planned) {
  if (planned.of != nullptr) planned.of->hold();
  planned_.add(when, planned);
}

bool state::step(instant until) noexcept {
  while (planned_.first() <= time()) happen(planned_.take());
  if (sim_backend* loop = loops.next()) {
    loop->turn();
    clock.go_on_to(time() + options.turn_cost);
    return true;
  }
  return deliver_next(until);
}

bool state::deliver_next(instant until) noexcept {
  const instant next = planned_.first();
  if (next == instant::never() || next > until) {
    if (until != instant::never()) clock.go_on_to(until);
    return false;
  }
  clock.go_on_to(next);
  happen(planned_.take());
  return true;
}

void state::happen(const event& due) noexcept {
  if (due.kind == event::what::deadline) {
    sim_backend* loop = loops.numbered(static_cast<std::size_t>(due.first));
    if (loop != nullptr) loop->on_deadline_event();
    return;
  }
  due.of->happen(due);
  due.of->unhold();
}

host* state::find_host(const endpoint& where) const noexcept {
  const std::uint32_t number = host_number(where);
  return number != 0 && number <= hosts.size() ? hosts[number - 1].get() : nullptr;
}

}  // namespace drywire::sim
