#include "timer_heap.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <random>
#include <vector>

using namespace drywire;

namespace {

struct numbered final : timer {
  void on_timer() noexcept override {}
  std::size_t number = 0;
};

// The same as timer_heap, as naively as can be: an unsorted list in the order of the calls.
class naive_heap {
 public:
  struct entry {
    std::size_t number;
    instant deadline;
  };

  void insert(std::size_t number, instant deadline) { armed_.push_back({number, deadline}); }
  void remove(std::size_t number) {
    const auto is_it = [number](const entry& e) { return e.number == number; };
    std::erase_if(armed_, is_it);
    std::erase_if(due_, is_it);
  }
  void take_due(instant time) {
    std::ranges::stable_sort(armed_, {}, &entry::deadline);
    const auto later = [time](const entry& e) { return e.deadline > time; };
    const auto end = std::ranges::find_if(armed_, later);
    due_.assign(armed_.begin(), end);
    armed_.erase(armed_.begin(), end);
  }
  std::size_t pop_due() {
    const std::size_t number = due_.front().number;
    due_.pop_front();
    return number;
  }
  [[nodiscard]] bool any_due() const { return !due_.empty(); }
  [[nodiscard]] instant first_deadline() const {
    const auto first = std::ranges::min_element(armed_, {}, &entry::deadline);
    return first == armed_.end() ? instant::never() : first->deadline;
  }

 private:
  std::vector<entry> armed_;
  std::deque<entry> due_;
};

class heap_pair {
 public:
  explicit heap_pair(std::mt19937& random) : random_(random), timers_(64), armed_(64, false) {
    for (std::size_t i = 0; i < timers_.size(); ++i) timers_[i].number = i;
  }

  void step() {
    const std::size_t i = random_() % timers_.size();
    switch (random_() % 4) {
      case 0:
      case 1: arm(i, instant{static_cast<std::int64_t>(random_() % 40)}); break;
      case 2: disarm(i); break;
      default: fire(instant{static_cast<std::int64_t>(random_() % 40)}); break;
    }
    REQUIRE(heap_.first_deadline() == naive_.first_deadline());
  }

  void empty() {
    fire(instant::never());
    REQUIRE(heap_.empty());
    REQUIRE(heap_.pop_any() == nullptr);
  }

 private:
  void arm(std::size_t i, instant deadline) {
    disarm(i);
    heap_.insert(timers_[i], deadline);
    naive_.insert(i, deadline);
    armed_[i] = true;
  }
  void disarm(std::size_t i) {
    if (!armed_[i]) return;
    heap_.remove(timers_[i]);
    naive_.remove(i);
    armed_[i] = false;
  }
  // What fires disarms or arms others now and then.
  void fire(instant time) {
    heap_.take_due(time);
    naive_.take_due(time);
    while (naive_.any_due()) {
      timer* fired = heap_.pop_due();
      REQUIRE(fired != nullptr);
      const std::size_t i = static_cast<numbered*>(fired)->number;
      REQUIRE(i == naive_.pop_due());
      armed_[i] = false;
      if (time == instant::never()) continue;
      if (random_() % 3 == 0) disarm(random_() % timers_.size());
      if (random_() % 3 == 0) arm(random_() % timers_.size(), time);
    }
    REQUIRE(heap_.pop_due() == nullptr);
  }

  std::mt19937& random_;
  timer_heap heap_;
  naive_heap naive_;
  std::deque<numbered> timers_;
  std::vector<bool> armed_;
};

}  // namespace

TEST_CASE("the heap does what a naive list does, at random") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    heap_pair heaps(random);
    for (int i = 0; i < 1000; ++i) heaps.step();
    heaps.empty();
  }
}

TEST_CASE("ten thousand timers, half of them removed, come out in order") {
  timer_heap heap;
  std::deque<numbered> timers(10'000);
  for (std::size_t i = 0; i < timers.size(); ++i) {
    timers[i].number = i;
    heap.insert(timers[i], instant{static_cast<std::int64_t>(i * 7919 % 5000)});
  }
  for (std::size_t i = 0; i < timers.size(); i += 2) heap.remove(timers[i]);
  heap.take_due(instant::never());
  std::size_t popped = 0;
  std::size_t previous_deadline = 0;
  while (timer* next = heap.pop_due()) {
    const std::size_t number = static_cast<numbered*>(next)->number;
    const std::size_t deadline = number * 7919 % 5000;
    REQUIRE(number % 2 == 1);
    REQUIRE(deadline >= previous_deadline);
    previous_deadline = deadline;
    ++popped;
  }
  CHECK(popped == 5000);
}
