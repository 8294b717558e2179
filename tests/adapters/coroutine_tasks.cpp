// Tasks, scopes, time and cancelling, on a loop without any I/O.
#include "../support/allocations.hpp"
#include "fake_stream.hpp"

#include <drywire/adapters/coroutine/scope.hpp>
#include <drywire/adapters/coroutine/shield.hpp>
#include <drywire/adapters/coroutine/sleep.hpp>
#include <drywire/adapters/coroutine/when.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

using log = std::vector<std::string>;

co::task<int> half(int n) { co_return n / 2; }

co::task<int> half_later(int n, duration d) {
  co_await co::sleep_for(d);
  co_return n / 2;
}

co::task<void> fail_after(duration d) {
  co_await co::sleep_for(d);
  throw std::runtime_error("failed");
}

// Says in `seen` how it ended.
co::task<void> sleeper(log& seen, std::string name, duration d) {
  try {
    co_await co::sleep_for(d);
    seen.push_back(name + " woke");
  } catch (const co::cancelled&) {
    seen.push_back(name + " cancelled");
    throw;
  }
}

struct fixture {
  fake_loop loop;
  co::scope tasks{loop.core};
  log seen;

  // Until nothing is ready any more, at the present time.
  void settle() {
    while (loop.deadline <= loop.clocks.steady) loop.core.turn();
  }
  void pass(duration d) {
    loop.pass(d);
    settle();
  }
};

}  // namespace

TEST_CASE("a task begins at the end of the turn, and gives its value to who awaits it") {
  fixture f;
  int got = 0;
  f.tasks.spawn(
      [](int& result) -> co::task<void> { result = co_await half(8) + co_await half(4); }(got));
  CHECK(got == 0);
  CHECK(f.tasks.size() == 1);
  f.settle();
  CHECK(got == 6);
  CHECK(f.tasks.size() == 0);
}

TEST_CASE("a sleep isn't early, and its loop isn't kept awake for it") {
  fixture f;
  f.tasks.spawn(sleeper(f.seen, "a", seconds(5)));
  f.settle();
  CHECK(f.loop.deadline == f.loop.clocks.steady + seconds(5));
  f.pass(seconds(4));
  CHECK(f.seen.empty());
  f.pass(seconds(1));
  CHECK(f.seen == log{"a woke"});
}

TEST_CASE("200,000 completions on the spot don't grow the stack") {
  fixture f;
  long sum = 0;
  f.tasks.spawn([](long& result) -> co::task<void> {
    for (int i = 0; i < 200'000; ++i) result += co_await half(2);
  }(sum));
  f.settle();
  CHECK(sum == 200'000);
}

TEST_CASE("a chain of 20,000 tasks unwinds without growing the stack") {
  struct chain {
    static co::task<int> of(int n) {
      if (n == 0) co_return 0;
      co_return co_await of(n - 1) + 1;
    }
  };
  fixture f;
  int got = 0;
  f.tasks.spawn([](int& result) -> co::task<void> { result = co_await chain::of(20'000); }(got));
  f.settle();
  CHECK(got == 20'000);
}

TEST_CASE("strands that are always ready leave the loop its turns") {
  fixture f;
  int yields = 0;
  int other = 0;
  f.tasks.spawn([](int& n) -> co::task<void> {
    for (;; ++n) co_await co::yield();
  }(yields));
  f.tasks.spawn([](int& n) -> co::task<void> {
    for (;; ++n) co_await co::when_any(half(1), half(2));
  }(other));
  for (int i = 0; i < 10; ++i) f.loop.core.turn();
  CHECK(yields >= 4);
  CHECK(other > 0);
  CHECK(other <= 10 * static_cast<int>(co::scheduler::steps_per_turn));
}

TEST_CASE("an exception passes through those who await, and cancels the scope") {
  fixture f;
  f.tasks.spawn(sleeper(f.seen, "sibling", seconds(60)));
  f.tasks.spawn([](log& seen) -> co::task<void> {
    try {
      co_await fail_after(seconds(1));
    } catch (const std::runtime_error& e) {
      seen.push_back(e.what());
      throw;
    }
  }(f.seen));
  f.settle();
  f.pass(seconds(1));
  CHECK(f.seen == log{"failed", "sibling cancelled"});
  CHECK(f.tasks.size() == 0);
  REQUIRE(f.tasks.failure() != nullptr);
  CHECK_THROWS_AS(std::rethrow_exception(f.tasks.failure()), std::runtime_error);
}

TEST_CASE("an exception that is to be forgotten ends its task alone") {
  fixture f;
  f.tasks.spawn(sleeper(f.seen, "sibling", seconds(2)));
  f.tasks.spawn(fail_after(seconds(1)), co::on_failure::forget);
  f.settle();
  f.pass(seconds(2));
  CHECK(f.seen == log{"sibling woke"});
  CHECK(f.tasks.failure() == nullptr);
}

TEST_CASE("a scope inside of a task is joined, and hands over the first exception") {
  fixture f;
  f.tasks.spawn([](loop_core& core, log& seen) -> co::task<void> {
    co::scope inner(core);
    inner.spawn(sleeper(seen, "a", seconds(1)));
    inner.spawn(fail_after(seconds(2)));
    inner.spawn(sleeper(seen, "b", seconds(3)));
    try {
      co_await inner.joined();
    } catch (const std::runtime_error& e) {
      seen.push_back(e.what());
    }
  }(f.loop.core, f.seen));
  f.settle();
  for (int i = 0; i < 3; ++i) f.pass(seconds(1));
  CHECK(f.seen == log{"a woke", "b cancelled", "failed"});
}

TEST_CASE("a cancelled task throws where it waits, and wherever it awaits after that") {
  fixture f;
  f.tasks.spawn([](log& seen) -> co::task<void> {
    for (int i = 0; i < 3; ++i) {
      try {
        co_await co::sleep_for(seconds(1));
      } catch (const co::cancelled& e) {
        seen.push_back(e.what());
      }
    }
    seen.push_back(std::to_string(co_await half(8)));  // no operation, so nothing to cancel
  }(f.seen));
  f.settle();
  f.tasks.cancel();
  f.settle();
  CHECK(f.seen ==
        log{"the task was cancelled", "the task was cancelled", "the task was cancelled", "4"});
  CHECK(f.tasks.size() == 0);
  CHECK(f.tasks.failure() == nullptr);
}

TEST_CASE("a task that is cancelled before it has begun runs to its first await") {
  fixture f;
  f.tasks.spawn(sleeper(f.seen, "a", seconds(1)));
  f.tasks.cancel();
  f.settle();
  CHECK(f.seen == log{"a cancelled"});
}

TEST_CASE("what is shielded awaits in peace, and cancellation counts behind it") {
  fixture f;
  f.tasks.spawn([](log& seen) -> co::task<void> {
    try {
      co_await co::shielded(sleeper(seen, "goodbye", seconds(2)));
      co_await co::sleep_for(seconds(1));
    } catch (const co::cancelled&) {
      seen.push_back("cancelled");
    }
  }(f.seen));
  f.settle();
  f.tasks.cancel();
  f.settle();
  CHECK(f.seen.empty());
  f.pass(seconds(2));
  CHECK(f.seen == log{"goodbye woke", "cancelled"});
}

TEST_CASE("when_any gives the first, once the others have ended") {
  fixture f;
  f.tasks.spawn([](log& seen) -> co::task<void> {
    // A loser that needs a while for its end.
    auto slow = [](log& s) -> co::task<int> {
      try {
        co_await co::sleep_for(seconds(60));
      } catch (const co::cancelled&) {
      }
      co_await co::shielded(sleeper(s, "loser", seconds(5)));
      co_return 1;
    };
    const auto first =
        co_await co::when_any(slow(seen), half_later(8, seconds(1)), co::sleep_for(seconds(9)));
    seen.push_back(std::to_string(first.index()) + ":" + std::to_string(std::get<1>(first)));
  }(f.seen));
  f.settle();
  f.pass(seconds(1));
  CHECK(f.seen.empty());
  f.pass(seconds(5));
  CHECK(f.seen == log{"loser woke", "1:4"});
}

TEST_CASE("when_any throws what its first threw, and drops what losers throw") {
  fixture f;
  f.tasks.spawn([](log& seen) -> co::task<void> {
    try {
      co_await co::when_any(fail_after(seconds(1)), fail_after(seconds(2)));
    } catch (const std::runtime_error&) {
      seen.push_back("thrown");
    }
    const auto first = co_await co::when_any(fail_after(seconds(2)), co::sleep_for(seconds(1)));
    seen.push_back(std::to_string(first.index()));
  }(f.seen));
  f.settle();
  f.pass(seconds(1));
  f.pass(seconds(1));
  CHECK(f.seen == log{"thrown", "1"});
}

TEST_CASE("when_all gives all values, or the first exception once all have ended") {
  fixture f;
  f.tasks.spawn([](log& seen) -> co::task<void> {
    const auto [a, b, c] =
        co_await co::when_all(half(2), half_later(8, seconds(1)), co::sleep_for(seconds(1)));
    static_cast<void>(c);
    seen.push_back(std::to_string(a) + std::to_string(b));
    try {
      co_await co::when_all(sleeper(seen, "sibling", seconds(60)), fail_after(seconds(1)));
    } catch (const std::runtime_error& e) {
      seen.push_back(e.what());
    }
  }(f.seen));
  f.settle();
  f.pass(seconds(1));
  f.pass(seconds(1));
  CHECK(f.seen == log{"14", "sibling cancelled", "failed"});
}

TEST_CASE("a scope may die while a branch that has joined it waits for others") {
  fixture f;
  auto inner = std::make_unique<co::scope>(f.loop.core);
  bool over = false;
  f.tasks.spawn([](co::scope& in, bool& done) -> co::task<void> {
    co_await co::when_all(in.joined(), co::sleep_for(seconds(1)));
    done = true;
  }(*inner, over));
  f.settle();
  inner.reset();
  f.pass(seconds(1));
  CHECK(over);
}

TEST_CASE("a failure deep in branches of branches cancels the others at once") {
  fixture f;
  f.tasks.spawn([](loop_core& core, log& seen) -> co::task<void> {
    co::scope inner(core);
    inner.spawn(fail_after(seconds(1)));
    try {
      co_await co::when_all(sleeper(seen, "a", seconds(60)),
                            co::when_any(inner.joined(), sleeper(seen, "b", seconds(60))));
    } catch (const std::runtime_error& e) {
      seen.push_back(e.what());
    }
  }(f.loop.core, f.seen));
  f.settle();
  f.pass(seconds(1));
  CHECK(f.seen == log{"b cancelled", "a cancelled", "failed"});
}

TEST_CASE("cancelling reaches every branch, also of branches") {
  fixture f;
  f.tasks.spawn([](log& seen) -> co::task<void> {
    try {
      co_await co::when_all(
          co::when_any(sleeper(seen, "a", seconds(60)), co::sleep_for(seconds(9))),
          sleeper(seen, "b", seconds(60)));
    } catch (const co::cancelled&) {
      seen.push_back("cancelled");
    }
  }(f.seen));
  f.settle();
  f.tasks.cancel();
  f.settle();
  CHECK(f.seen == log{"a cancelled", "b cancelled", "cancelled"});
}

TEST_CASE("a scope that dies destroys its tasks where they wait") {
  struct counted {
    explicit counted(int& n) : alive(n) { ++alive; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --alive; }
    int& alive;
  };
  struct waiting {
    static co::task<void> some(int& alive) {
      const counted c(alive);
      co_await co::sleep_for(seconds(60));
    }
    static co::task<void> all(int& alive) {
      const counted c(alive);
      co_await co::when_any(some(alive), co::when_all(some(alive), co::sleep_for(seconds(9))));
    }
    static co::task<void> nested(loop_core& core, int& alive) {
      co::scope inner(core);
      inner.spawn(all(alive));
      const counted c(alive);
      co_await inner.joined();
    }
  };
  fake_loop loop;
  int alive = 0;
  {
    co::scope tasks(loop.core);
    tasks.spawn(waiting::nested(loop.core, alive));
    tasks.spawn(waiting::all(alive));
    loop.core.turn();
    loop.core.turn();
    CHECK(alive == 7);
    tasks.spawn(waiting::all(alive));  // this one hasn't begun
  }
  CHECK(alive == 0);
  loop.core.turn();
}

TEST_CASE("an await allocates nothing") {
  fixture f;
  std::size_t allocated = 1;
  f.tasks.spawn([](std::size_t& result) -> co::task<void> {
    co_await co::when_any(co::sleep_for(seconds(1)), co::sleep_for(milliseconds(1)));
    const std::size_t before = tests::allocations();
    for (int i = 0; i < 10; ++i) {
      co_await co::sleep_for(milliseconds(1));
      co_await co::when_any(co::sleep_for(seconds(1)), co::sleep_for(milliseconds(1)));
    }
    result = tests::allocations() - before;
  }(allocated));
  f.settle();
  for (int i = 0; i < 40; ++i) f.pass(milliseconds(1));
  CHECK(f.tasks.size() == 0);
  CHECK(allocated == 0);
}
