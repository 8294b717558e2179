#include "sim_backend.hpp"

#include "state.hpp"

#include <drywire/sim/sim.hpp>

#include <cassert>
#include <cerrno>
#include <new>
#include <utility>

namespace drywire::sim {

std::unique_ptr<backend> make_sim(host& where) { return make_sim(where, where); }

std::unique_ptr<backend> make_sim(host& where, socket_calls& calls) {
  return std::make_unique<sim_backend>(where, calls);
}

sim_backend::sim_backend(host& where, socket_calls& calls)
    : socket_backend(static_cast<loop_host&>(*this), calls),
      host_(where),
      network_(where.state_),
      calls_(calls),
      number_(network_.loops.add(*this)) {}

sim_backend::~sim_backend() {
  assert(!running_ && !core_.in_scope() && "a loop is destroyed within one of its callbacks");
  core_.shut_down();
  close_all();
  network_.loops.remove(*this);
}

capability sim_backend::capabilities() const noexcept {
  return capability::ipv6 | capability::reuse_port;
}

error sim_backend::handle_signal(int, signal_handler&) noexcept {
  return error(detaching() ? ECANCELED : ENOTSUP);
}

result<socket_watch*> sim_backend::watch(int fd, watched_socket& target) noexcept {
  auto* made = new (std::nothrow) sim_watch(*this, fd, target);
  if (made == nullptr) return error(ENOMEM);
  return static_cast<socket_watch*>(made);
}

// Running.

error sim_backend::run() noexcept {
  if (running_ || core_.in_scope()) return error(EBUSY);
  running_ = true;
  while (!stop_asked_.exchange(false) && core_.alive()) {
    if (!network_.step(instant::never())) network_.loops.wait_for_wake();
  }
  running_ = false;
  tell_detached();
  return {};
}

bool sim_backend::run_once(duration wait_max) noexcept {
  if (running_ || core_.in_scope()) return false;
  const instant until = network_.time() + wait_max;
  running_ = true;
  turned_ = false;
  while (!turned_ && network_.time() <= until && network_.step(until)) continue;
  if (!turned_ && until == instant::never()) network_.loops.wait_for_wake();
  running_ = false;
  const bool left = core_.alive();
  tell_detached();
  return left;
}

// What is ready already has its callbacks, then what is due; what either makes ready again waits
// for the next turn, behind the other loops. At the end this may have been destroyed.
void sim_backend::turn() noexcept {
  turned_ = true;
  if (!ready_.empty()) tell_ready();
  if (std::exchange(woken, false) || deadline_ <= network_.time()) core_.turn();
  if (!ready_.empty() || deadline_ <= network_.time()) network_.loops.put_in_line(*this);
  if (!running_) tell_detached();
}

void sim_backend::tell_ready() noexcept {
  const loop_core::callback_scope scope(core_);
  watch_list now_ready;
  now_ready.take_all(ready_);
  while (sim_watch* first = now_ready.pop()) first->tell();
}

void sim_backend::ready(sim_watch& watch) noexcept {
  ready_.push(watch);
  network_.loops.put_in_line(*this);
}

// What loop_core asks of its host.

void sim_backend::wake() noexcept { network_.loops.wake(*this); }

void sim_backend::stop() noexcept {
  stop_asked_ = true;
  wake();
}

now sim_backend::read_clocks() const noexcept { return network_.clock.both(); }

// Deadlines mostly move off before they come: an event that comes too soon plans the next.
void sim_backend::set_deadline(instant deadline) noexcept {
  deadline_ = deadline;
  if (deadline <= network_.time()) return network_.loops.put_in_line(*this);
  if (deadline >= planned_deadline_) return;
  planned_deadline_ = deadline;
  network_.plan(deadline, {.kind = event::what::deadline, .first = number_});
}

void sim_backend::on_deadline_event() noexcept {
  if (network_.time() < planned_deadline_) return;  // of a nearer one that came since
  planned_deadline_ = instant::never();
  set_deadline(deadline_);
}

}  // namespace drywire::sim
