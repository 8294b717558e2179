#include <drywire/adapters/coroutine/strand.hpp>

namespace drywire::co {

const char* cancelled::what() const noexcept { return "the task was cancelled"; }

// scheduler

void scheduler::push(strand& ready) noexcept {
  ready.queued_ = true;
  ready.queue_next_ = nullptr;
  ready.queue_previous_ = last_;
  (last_ == nullptr ? first_ : last_->queue_next_) = &ready;
  last_ = &ready;
  if (!running_) core_.at_turn_end(*this);
}

void scheduler::on_turn_end() noexcept {
  running_ = true;
  steps_left_ = steps_per_turn;
  while (first_ != nullptr && spend_step()) {
    strand& s = *first_;
    s.leave_queue();
    s.run();
  }
  steps_left_ = 0;
  running_ = false;
  if (first_ != nullptr) core_.at_turn_end(*this);
}

// strand

strand::~strand() { leave_queue(); }

void strand::start(std::coroutine_handle<> first) noexcept {
  next_ = first;
  queue();
}

void strand::cancel() noexcept {
  if (std::exchange(cancelled_, true)) return;
  if (shields_ == 0 && pending_ != nullptr) pending_->cancel();
}

// The base of the strand's stack: everything that it calls comes back here before it goes on.
void strand::run() noexcept {
  running_ = true;
  pending_ = nullptr;
  while (pending_ == nullptr && next_) std::exchange(next_, nullptr).resume();
  running_ = false;
  if (pending_ == nullptr) on_ended();
}

void strand::leave_queue() noexcept {
  if (!std::exchange(queued_, false)) return;
  (queue_previous_ == nullptr ? scheduler_->first_ : queue_previous_->queue_next_) = queue_next_;
  (queue_next_ == nullptr ? scheduler_->last_ : queue_next_->queue_previous_) = queue_previous_;
}

}  // namespace drywire::co
