// The mailbox between other threads and a loop: what loop_remote and loop_core share.
#pragma once

#include <drywire/loop/loop_core.hpp>

#include <atomic>
#include <mutex>
#include <vector>

namespace drywire {

/// Lives as long as the loop or any loop_remote. The host is called under the lock, so it can't die
/// meanwhile: close() waits for the lock.
class loop_remote::mailbox {
 public:
  explicit mailbox(loop_host& host) noexcept : host_(&host) {}

  // Any thread.
  bool post(task& work) noexcept;
  void stop() noexcept;
  [[nodiscard]] bool empty() const noexcept { return !filled_.load(std::memory_order_acquire); }

  // The loop's thread.

  /// Runs what is there now, in order.
  void run() noexcept;
  /// Destroys what is there, unrun. The host isn't called again.
  void close() noexcept;

 private:
  std::mutex mutex_;
  loop_host* host_;          // null once closed
  std::vector<task> tasks_;  // the two vectors take turns, so that their memory is used again
  std::vector<task> running_;
  std::atomic<bool> filled_ = false;
};

}  // namespace drywire
