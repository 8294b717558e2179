// The time limit of a case: stops a loop that would run for ever, and ends the program when even
// that is in vain, so that a hanging case is seen by its name.
#pragma once

#include <drywire/loop/loop_core.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace drywire::contract {

/// The time that one case may take.
inline constexpr std::chrono::seconds case_time_max{20};

class watchdog {
 public:
  explicit watchdog(const loop_remote& loop);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog();

  /// It stopped the loop.
  [[nodiscard]] bool expired() const noexcept { return expired_; }

 private:
  void watch(const loop_remote& loop);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::atomic<bool> expired_ = false;
  std::thread thread_;
};

}  // namespace drywire::contract
