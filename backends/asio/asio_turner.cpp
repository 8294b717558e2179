#include "asio_turner.hpp"

#include "asio_backend.hpp"

namespace drywire {

void asio_turner::wake() noexcept {
  if (wake_posted_.exchange(true, std::memory_order_acq_rel)) return;
  net::post(context_, woken{{shared_from_this(), &wake_slot_}});
}

// Whatever is posted before this line is seen by the turn below it.
void asio_turner::on_wake() noexcept {
  wake_posted_.store(false, std::memory_order_release);
  if (leaver_ != nullptr) return try_to_leave();
  if (core_ != nullptr) core_->turn();
}

// A wait that ends too soon costs a turn that tells the deadline again; a cancelled one costs more.
void asio_turner::set_deadline(instant deadline) noexcept {
  if (deadline == instant::never()) return cancel();
  if (deadline <= core_->time().steady) return wake();
  if (waits_for_ <= deadline) return;
  waits_for_ = deadline;
  net_error ignored;
  timer_.expires_at(clock::time_point(std::chrono::nanoseconds(deadline.nanoseconds)), ignored);
  begin();
  timer_.async_wait(expired{{shared_from_this(), &free_timer_slot()}});
}

void asio_turner::on_expiry() noexcept {
  waits_for_ = instant::never();
  if (core_ != nullptr) core_->turn();
}

operation_slot& asio_turner::free_timer_slot() noexcept {
  return timer_slots_[timer_slots_[0].is_free() ? 0 : 1];
}

void asio_turner::cancel() noexcept {
  if (std::exchange(waits_for_, instant::never()) == instant::never()) return;
  net_error ignored;
  timer_.cancel(ignored);
}

void asio_turner::abandon() noexcept {
  core_ = nullptr;
  leaver_ = nullptr;
  cancel();
}

void asio_turner::leave(asio_backend& leaver) noexcept {
  abandon();
  leaver_ = &leaver;
  wake();
}

// Cancelled handlers were queued before this one, which queues itself behind any that weren't.
void asio_turner::try_to_leave() noexcept {
  if (under_way_ != 0) return wake();
  std::exchange(leaver_, nullptr)->on_left();
}

}  // namespace drywire
