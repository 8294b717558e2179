// Timers and end-of-turn work that call a function.
#pragma once

#include <drywire/loop/timer.hpp>

#include <functional>
#include <utility>

namespace drywire::contract {

class called_timer final : public timer {
 public:
  explicit called_timer(std::function<void()> call = {}) : then(std::move(call)) {}
  int fired = 0;
  std::function<void()> then;

 private:
  void on_timer() noexcept override {
    ++fired;
    if (then) then();
  }
};

class called_turn_end final : public turn_end {
 public:
  explicit called_turn_end(std::function<void()> call = {}) : then(std::move(call)) {}
  int ran = 0;
  std::function<void()> then;

 private:
  void on_turn_end() noexcept override {
    ++ran;
    if (then) then();
  }
};

}  // namespace drywire::contract
