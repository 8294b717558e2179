#include "loop_remote.hpp"
#include "timer_heap.hpp"

#include <drywire/loop/loop_core.hpp>

#include <cassert>
#include <ctime>
#include <limits>
#include <utility>

namespace drywire {

namespace {

// The deadline of what is due whatever the time.
constexpr instant at_once{std::numeric_limits<std::int64_t>::min()};

}  // namespace

now loop_host::read_clocks() const noexcept {
  constexpr std::int64_t ns_per_second = 1'000'000'000;
  timespec steady{};
  ::clock_gettime(CLOCK_MONOTONIC, &steady);
  return {{steady.tv_sec * ns_per_second + steady.tv_nsec}, std::time(nullptr)};
}

loop_core::loop_core(loop_host& host)
    : host_(host),
      timers_(std::make_unique<timer_heap>()),
      remote_(std::make_shared<loop_remote::mailbox>(host)) {}

loop_core::~loop_core() {
  shut_down();
  while (deferred_ != nullptr) deferred_->cancel();
  while (at_end_ != nullptr) at_end_->cancel();
}

now loop_core::time() const noexcept { return in_scope() ? time_ : host_.read_clocks(); }

void loop_core::arm(timer& node, instant deadline) noexcept {
  assert((node.core_ == nullptr || node.core_ == this) && "a timer is armed on another loop");
  if (shut_down_) return;
  if (node.armed()) timers_->remove(node);
  node.core_ = this;
  timers_->insert(node, deadline);
  tell_deadline();
}

void timer::cancel() noexcept {
  if (armed()) core_->disarm(*this);
}

void loop_core::disarm(timer& node) noexcept {
  timers_->remove(node);
  node.core_ = nullptr;
  tell_deadline();
}

void loop_core::at_turn_end(turn_end& node) noexcept { put_off(at_end_, node); }

void loop_core::defer(turn_end& node) noexcept { put_off(deferred_, node); }

// The list is a stack, so that a node can leave it without knowing whose it is; run() turns it
// over.
void loop_core::put_off(turn_end*& list, turn_end& node) noexcept {
  if (node.scheduled()) return;
  node.push_on(list);
  tell_deadline();
}

void turn_end::push_on(turn_end*& list) noexcept {
  next_ = list;
  if (next_ != nullptr) next_->previous_next_ = &next_;
  previous_next_ = &list;
  list = this;
}

void turn_end::cancel() noexcept {
  if (!scheduled()) return;
  *previous_next_ = next_;
  if (next_ != nullptr) next_->previous_next_ = previous_next_;
  previous_next_ = nullptr;
}

// Takes the list over first: what its nodes put off is for the next turn.
void loop_core::run(turn_end*& list) noexcept {
  turn_end* first = nullptr;
  while (turn_end* node = list) {
    node->cancel();
    node->push_on(first);
  }
  while (turn_end* node = first) {
    node->cancel();
    node->on_turn_end();
  }
}

void loop_core::enter() noexcept {
  if (depth_++ == 0) time_ = host_.read_clocks();
}

void loop_core::leave() noexcept {
  if (depth_ == 1) {
    run(deferred_);
    run(at_end_);
  }
  if (--depth_ == 0) tell_deadline();
}

void loop_core::turn() noexcept {
  if (in_scope()) return;
  deadline_told_ = false;
  const callback_scope scope(*this);
  remote_.box_->run();
  fire_timers();
}

void loop_core::fire_timers() noexcept {
  timers_->take_due(time_.steady);
  while (timer* node = timers_->pop_due()) {
    node->core_ = nullptr;
    node->on_timer();
  }
}

// A deadline that comes too soon only costs a turn with nothing in it, which tells the right one;
// so a timer that moves away, as it does with every sign of life of a peer, isn't told.
void loop_core::tell_deadline() noexcept {
  if (in_scope() || host_left_) return;
  const instant due = local_deadline();
  const bool soon_enough = told_deadline_ <= due && due != instant::never();
  if (deadline_told_ && (soon_enough || due == told_deadline_)) return;
  deadline_told_ = true;
  told_deadline_ = due;
  host_.set_deadline(due);
}

// What other threads posted isn't in it: that wakes the host by itself.
instant loop_core::local_deadline() const noexcept {
  return deferred_ != nullptr || at_end_ != nullptr ? at_once : timers_->first_deadline();
}

instant loop_core::next_deadline() const noexcept {
  return remote_.box_->empty() ? local_deadline() : at_once;
}

bool loop_core::alive() const noexcept {
  return holds_ != 0 || !timers_->empty() || next_deadline() != instant::never();
}

void loop_core::shut_down() noexcept {
  shut_down_ = true;
  remote_.box_->close();
  while (timer* node = timers_->pop_any()) node->core_ = nullptr;
}

bool loop_core::post(task work) noexcept { return remote_.post(std::move(work)); }

}  // namespace drywire
