#include "turning.hpp"

#include "sim_backend.hpp"

#include <algorithm>
#include <utility>

namespace drywire::sim {

std::size_t turning::add(sim_backend& loop) {
  loops_.push_back(&loop);
  return loops_.size() - 1;
}

// The loop's mailbox is shut by now: nobody wakes it any more.
void turning::remove(sim_backend& loop) noexcept {
  std::ranges::replace(loops_, &loop, nullptr);
  std::erase(line_, &loop);
  const std::lock_guard lock(mutex_);
  std::erase(woken_loops_, &loop);
}

void turning::put_in_line(sim_backend& loop) {
  if (loop.in_line) return;
  loop.in_line = true;
  line_.push_back(&loop);
}

sim_backend* turning::next() {
  if (any_woken_.load(std::memory_order_acquire)) take_woken();
  for (std::size_t i = 0; i != line_.size(); ++i) {
    if (line_[i]->core().in_scope()) continue;
    sim_backend* loop = std::exchange(line_[i], line_.front());
    line_.pop_front();
    loop->in_line = false;
    return loop;
  }
  return nullptr;
}

void turning::wake(sim_backend& loop) {
  const std::lock_guard lock(mutex_);
  woken_loops_.push_back(&loop);
  any_woken_.store(true, std::memory_order_release);
  woken_.notify_all();
}

void turning::wait_for_wake() {
  std::unique_lock lock(mutex_);
  woken_.wait(lock, [this] { return !woken_loops_.empty(); });
}

void turning::take_woken() {
  const std::lock_guard lock(mutex_);
  for (sim_backend* loop : woken_loops_) {
    loop->woken = true;
    put_in_line(*loop);
  }
  woken_loops_.clear();
  any_woken_.store(false, std::memory_order_release);
}

}  // namespace drywire::sim
