// Which loops of a network have something to do now, in which order they get their turn, and how
// other threads make them turn.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

namespace drywire::sim {

class sim_backend;

class turning {
 public:
  turning() = default;
  turning(const turning&) = delete;
  turning& operator=(const turning&) = delete;

  /// Returns its number, which no other loop gets.
  [[nodiscard]] std::size_t add(sim_backend& loop);
  void remove(sim_backend& loop) noexcept;
  /// Null when it is gone.
  [[nodiscard]] sim_backend* numbered(std::size_t number) const noexcept { return loops_[number]; }

  /// It has something to do. No effect when that is known.
  void put_in_line(sim_backend& loop);
  /// The first in line that isn't within a callback leaves the line. Null without one.
  [[nodiscard]] sim_backend* next();

  // Any thread.

  void wake(sim_backend& loop);
  /// Blocks until some loop was woken.
  void wait_for_wake();

 private:
  void take_woken();

  std::vector<sim_backend*> loops_;  // by number
  std::deque<sim_backend*> line_;

  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<sim_backend*> woken_loops_;
  std::atomic<bool> any_woken_ = false;
};

}  // namespace drywire::sim
