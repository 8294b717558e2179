// A loop around a loop_core that has nothing but a clock, which the test moves.
#pragma once

#include <drywire/loop/loop_core.hpp>

#include <atomic>
#include <functional>
#include <utility>

namespace drywire::test {

class fake_host final : public loop_host {
 public:
  fake_host() : core(*this) {}
  ~fake_host() { core.shut_down(); }

  void wake() noexcept override { ++wakes; }
  void set_deadline(instant at) noexcept override {
    deadline = at;
    ++deadlines_told;
  }
  void stop() noexcept override { ++stops; }
  [[nodiscard]] now read_clocks() const noexcept override {
    ++clock_reads;
    return clock;
  }

  /// Moves the clock, then turns.
  void turn_at(std::int64_t ns) {
    clock.steady.nanoseconds = ns;
    core.turn();
  }

  now clock;
  mutable int clock_reads = 0;
  std::atomic<int> wakes = 0;
  std::atomic<int> stops = 0;
  instant deadline = instant::never();
  int deadlines_told = 0;
  loop_core core;
};

struct test_timer final : timer {
  test_timer() = default;
  explicit test_timer(std::function<void()> f) : work(std::move(f)) {}
  ~test_timer() override { cancel(); }
  void on_timer() noexcept override { work(); }

  std::function<void()> work;
};

struct test_turn_end final : turn_end {
  explicit test_turn_end(std::function<void()> f) : work(std::move(f)) {}
  ~test_turn_end() override { cancel(); }
  void on_turn_end() noexcept override { work(); }

  std::function<void()> work;
};

}  // namespace drywire::test
