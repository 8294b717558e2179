// Both clocks of a network. The steady one only ever goes on; the wall clock jumps when it is told
// to, and by itself when that fault is on.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/testkit/random.hpp>

#include <algorithm>
#include <cstdint>

namespace drywire::sim {

class virtual_clock {
 public:
  virtual_clock(std::int64_t unix_seconds, bool jumps, std::uint64_t seed) noexcept
      : wall_(unix_seconds), random_(seed), next_jump_(jumps ? time_ : instant::never()) {}

  [[nodiscard]] instant time() const noexcept { return time_; }
  [[nodiscard]] now both() const noexcept {
    return {time_, wall_ + (time_.nanoseconds - begin) / ns_per_second};
  }

  void go_on_to(instant t) noexcept {
    time_ = std::max(time_, t);
    while (next_jump_ <= time_) {
      wall_ += static_cast<std::int64_t>(random_.below(2 * jump_max)) - std::int64_t{jump_max};
      next_jump_ = next_jump_ + seconds(1 + static_cast<std::int64_t>(random_.below(600)));
    }
  }
  void jump(std::int64_t seconds) noexcept { wall_ += seconds; }

 private:
  static constexpr std::int64_t ns_per_second = 1'000'000'000;
  static constexpr std::int64_t begin = 1000 * ns_per_second;
  static constexpr std::int64_t jump_max = 86'400;

  instant time_{begin};
  std::int64_t wall_;
  testkit::random random_;  // of its own: jumps don't depend on what else is drawn
  instant next_jump_;
};

}  // namespace drywire::sim
