#include "loop_remote.hpp"

#include <cstddef>
#include <utility>

namespace drywire {

namespace {

// More than this many tasks at once are a rare burst, whose memory isn't kept.
constexpr std::size_t kept_capacity_max = 4096;

}  // namespace

bool loop_remote::post(task work) const noexcept { return box_->post(work); }

void loop_remote::stop() const noexcept { box_->stop(); }

bool loop_remote::mailbox::post(task& work) noexcept {
  const std::lock_guard lock(mutex_);
  if (host_ == nullptr) return false;
  const bool first = tasks_.empty();
  tasks_.push_back(std::move(work));
  filled_.store(true, std::memory_order_release);
  if (first) host_->wake();  // whoever posts behind the first rides on its wake-up
  return true;
}

void loop_remote::mailbox::stop() noexcept {
  const std::lock_guard lock(mutex_);
  if (host_ != nullptr) host_->stop();
}

void loop_remote::mailbox::run() noexcept {
  if (empty()) return;
  {
    const std::lock_guard lock(mutex_);
    running_.swap(tasks_);
    filled_.store(false, std::memory_order_release);
  }
  for (task& work : running_) {
    if (host_ != nullptr) work();  // only this thread sets it
    work.reset();
  }
  running_.clear();
  if (running_.capacity() > kept_capacity_max) running_.shrink_to_fit();
}

void loop_remote::mailbox::close() noexcept {
  std::vector<task> unrun;  // dies without the lock: a capture's destructor may post
  const std::lock_guard lock(mutex_);
  host_ = nullptr;
  unrun.swap(tasks_);
  filled_.store(false, std::memory_order_release);
}

}  // namespace drywire
