// Timers and end-of-turn work that call a function, and a signal handler that doesn't.
#pragma once

#include <drywire/loop/backend.hpp>
#include <drywire/loop/timer.hpp>

#include <functional>
#include <utility>

namespace drywire::test {

struct test_turn_end final : turn_end {
  explicit test_turn_end(std::function<void()> f) : work(std::move(f)) {}
  ~test_turn_end() override { cancel(); }
  void on_turn_end() noexcept override { work(); }
  std::function<void()> work;
};

struct test_timer final : timer {
  explicit test_timer(std::function<void()> f) : work(std::move(f)) {}
  ~test_timer() override { cancel(); }
  void on_timer() noexcept override { work(); }
  std::function<void()> work;
};

struct deaf_handler final : signal_handler {
  void on_signal(int) noexcept override {}
};

}  // namespace drywire::test
