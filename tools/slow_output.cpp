#include "slow_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace drywire::tools {

slow_output::slow_output(int to, loop_remote loop) : to_(to), loop_(std::move(loop)) {
  thread_ = std::thread([this] { write_all(); });
}

slow_output::~slow_output() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  room_.stop();
  changed_.notify_all();
  thread_.join();
}

void slow_output::write(const_bytes bytes) {
  const std::lock_guard lock(mutex_);
  if (why_) return;
  waiting_ += as_text(bytes);
  changed_.notify_all();
}

bool slow_output::full() noexcept {
  const std::lock_guard lock(mutex_);
  wanted_ = !why_ && waiting_.size() + writing_ >= waiting_bytes_max;
  return wanted_;
}

void slow_output::flush() noexcept {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return why_ || (waiting_.empty() && writing_ == 0); });
}

error slow_output::why() noexcept {
  const std::lock_guard lock(mutex_);
  return why_;
}

// The thread.
void slow_output::write_all() noexcept {
  std::string taken;
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
    if (stopping_) return;
    taken.clear();
    taken.swap(waiting_);
    writing_ = taken.size();
    lock.unlock();
    const error problem = write_out(taken);
    lock.lock();
    writing_ = 0;
    why_ = problem;
    if (why_) waiting_.clear();
    changed_.notify_all();
    if (why_ || (wanted_ && waiting_.size() < waiting_bytes_max)) {
      wanted_ = false;
      loop_.post([ready = ready_] { (*ready)(); });
    }
    if (why_) return;
  }
}

// A pipe that has room takes PIPE_BUF without blocking.
error slow_output::write_out(std::string_view text) const noexcept {
  while (!text.empty()) {
    if (!room_.wait(to_, POLLOUT)) return error(ECANCELED);
    const ssize_t n = ::write(to_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR && errno != EAGAIN) {
      return error(errno);
    }
  }
  return {};
}

}  // namespace drywire::tools
