#include "fake_host.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace drywire;
using drywire::test::fake_host;
using drywire::test::test_timer;
using drywire::test::test_turn_end;

namespace {

constexpr instant at(std::int64_t ns) { return {ns}; }

}  // namespace

TEST_CASE("timers fire by deadline, first come first served among equals") {
  fake_host host;
  std::string fired;
  test_timer a([&] { fired += 'a'; });
  test_timer b([&] { fired += 'b'; });
  test_timer c([&] { fired += 'c'; });
  test_timer d([&] { fired += 'd'; });
  host.core.arm(c, at(20));
  host.core.arm(a, at(10));
  host.core.arm(d, at(20));
  host.core.arm(b, at(10));
  host.turn_at(9);
  CHECK(fired.empty());
  host.turn_at(10);
  CHECK(fired == "ab");
  host.turn_at(1000);
  CHECK(fired == "abcd");
  CHECK_FALSE(host.core.alive());
}

TEST_CASE("arming again moves a timer behind its equals") {
  fake_host host;
  std::string fired;
  test_timer a([&] { fired += 'a'; });
  test_timer b([&] { fired += 'b'; });
  host.core.arm(a, at(10));
  host.core.arm(b, at(10));
  host.core.arm(a, at(10));
  host.turn_at(10);
  CHECK(fired == "ba");
}

TEST_CASE("a timer armed from a callback waits for the next turn, however late it is") {
  fake_host host;
  int fired = 0;
  test_timer again;
  again.work = [&] {
    ++fired;
    host.core.arm(again, at(0));
  };
  host.core.arm(again, at(0));
  host.turn_at(50);
  CHECK(fired == 1);
  CHECK(host.core.next_deadline() == at(0));
  host.turn_at(50);
  CHECK(fired == 2);
}

TEST_CASE("a timer that fires can cancel, move and destroy others that are due") {
  fake_host host;
  std::string fired;
  test_timer cancelled([&] { fired += 'c'; });
  test_timer moved([&] { fired += 'm'; });
  std::optional<test_timer> destroyed(std::in_place, [&] { fired += 'd'; });
  test_timer last([&] { fired += 'l'; });
  test_timer first([&] {
    fired += 'f';
    CHECK(cancelled.armed());
    cancelled.cancel();
    host.core.arm(moved, at(5));
    destroyed.reset();
  });
  host.core.arm(first, at(1));
  host.core.arm(cancelled, at(2));
  host.core.arm(moved, at(3));
  host.core.arm(*destroyed, at(4));
  host.core.arm(last, at(4));
  host.turn_at(10);
  CHECK(fired == "fl");
  CHECK_FALSE(cancelled.armed());
  host.turn_at(10);
  CHECK(fired == "flm");
}

TEST_CASE("a timer may cancel and re-arm itself, and isn't armed while it fires") {
  fake_host host;
  int fired = 0;
  test_timer self;
  self.work = [&] {
    CHECK_FALSE(self.armed());
    CHECK(self.deadline() == instant::never());
    self.cancel();
    if (++fired == 1) host.core.arm(self, at(20));
  };
  host.core.arm(self, at(10));
  CHECK(self.deadline() == at(10));
  host.turn_at(10);
  CHECK(self.deadline() == at(20));
  host.turn_at(20);
  CHECK(fired == 2);
  self.cancel();
  CHECK_FALSE(host.core.alive());
}

TEST_CASE("a timer 292 years away is armed and not due") {
  fake_host host;
  test_timer far([] { FAIL("not in our time"); });
  host.core.arm(far, at(0) + duration::max());
  host.turn_at(1'000'000'000);
  CHECK(far.armed());
  CHECK(host.core.alive());
}

TEST_CASE("a timer that dies, and a loop that dies, leave each other alone") {
  test_timer outlives([] { FAIL("the loop is gone"); });
  {
    fake_host host;
    test_timer dies([] { FAIL("it is gone"); });
    host.core.arm(outlives, at(1));
    host.core.arm(dies, at(1));
  }
  CHECK_FALSE(outlives.armed());
  outlives.cancel();
}

TEST_CASE("shut down, a loop fires no timer and arms none, but runs what is put off") {
  fake_host host;
  std::string ran;
  test_timer second([&] { ran += '2'; });
  test_timer first([&] {
    ran += '1';
    host.core.shut_down();
  });
  test_turn_end end([&] { ran += 'e'; });
  host.core.arm(first, at(10));
  host.core.arm(second, at(10));
  host.core.at_turn_end(end);
  host.turn_at(10);
  CHECK(ran == "1e");
  CHECK_FALSE(second.armed());
  host.core.arm(second, at(20));
  CHECK_FALSE(second.armed());
  host.core.at_turn_end(end);
  host.turn_at(20);
  CHECK(ran == "1ee");
  CHECK_FALSE(host.core.alive());
}

TEST_CASE("a host that was left is told nothing any more") {
  fake_host host;
  test_turn_end end([] {});
  host.core.shut_down();
  host.core.leave_host();
  const int told = host.deadlines_told;
  host.core.at_turn_end(end);
  { const loop_core::callback_scope scope(host.core); }
  CHECK(host.deadlines_told == told);
  CHECK(host.wakes == 0);
}

TEST_CASE("the host is told a deadline when it comes nearer or goes away, not when it moves off") {
  fake_host host;
  test_timer a([] {});
  test_timer b([] {});
  host.core.arm(a, at(100));
  CHECK(host.deadline == at(100));
  host.core.arm(b, at(50));
  CHECK(host.deadline == at(50));
  CHECK(host.deadlines_told == 2);
  for (int i = 0; i < 1000; ++i) host.core.arm(b, at(60 + i));
  CHECK(host.deadlines_told == 2);
  host.turn_at(50);  // nothing is due, but the right deadline is told
  CHECK(host.deadline == at(100));
  CHECK(host.deadlines_told == 3);
  a.cancel();
  b.cancel();
  CHECK(host.deadline == instant::never());
  CHECK(host.deadlines_told == 4);
}

TEST_CASE("each turn tells the deadline anew, so that a host may use it up") {
  fake_host host;
  test_timer a([] {});
  host.core.arm(a, at(100));
  host.turn_at(99);
  CHECK(host.deadlines_told == 2);
  CHECK(host.deadline == at(100));
}

TEST_CASE("inside a scope the deadline is told once, at its end") {
  fake_host host;
  test_timer a([] {});
  {
    const loop_core::callback_scope scope(host.core);
    for (int i = 100; i > 0; --i) host.core.arm(a, at(i));
    CHECK(host.deadlines_told == 0);
  }
  CHECK(host.deadlines_told == 1);
  CHECK(host.deadline == at(1));
}

TEST_CASE("now is constant within the outermost scope and read anew outside") {
  fake_host host;
  host.clock = {at(1), 1000};
  CHECK(host.core.time().unix_seconds == 1000);
  host.clock_reads = 0;
  {
    const loop_core::callback_scope outer(host.core);
    host.clock = {at(2), 2000};
    const loop_core::callback_scope inner(host.core);
    CHECK(host.core.time().steady == at(1));
    CHECK(host.core.time().unix_seconds == 1000);
  }
  CHECK(host.clock_reads == 1);
  CHECK(host.core.time().steady == at(2));
}

TEST_CASE("a turn has no effect inside a scope") {
  fake_host host;
  int fired = 0;
  test_timer a([&] { ++fired; });
  host.core.arm(a, at(0));
  {
    const loop_core::callback_scope scope(host.core);
    host.core.turn();
    CHECK(fired == 0);
  }
  host.core.turn();
  CHECK(fired == 1);
}

TEST_CASE("a scope's end runs deferred closings, then end-of-turn work, each in order") {
  fake_host host;
  std::string ran;
  test_turn_end a([&] { ran += 'a'; });
  test_turn_end b([&] { ran += 'b'; });
  test_turn_end c([&] { ran += 'c'; });
  test_turn_end d([&] { ran += 'd'; });
  {
    const loop_core::callback_scope outer(host.core);
    {
      const loop_core::callback_scope inner(host.core);
      host.core.at_turn_end(c);
      host.core.at_turn_end(d);
      host.core.defer(a);
      host.core.defer(b);
      host.core.at_turn_end(c);
    }
    CHECK(ran.empty());
    CHECK(c.scheduled());
  }
  CHECK(ran == "abcd");
  CHECK_FALSE(c.scheduled());
  CHECK_FALSE(host.core.alive());
}

TEST_CASE("work put off outside a scope runs in the next turn, which the host is asked for") {
  fake_host host;
  int ran = 0;
  test_turn_end node([&] { ++ran; });
  host.core.at_turn_end(node);
  CHECK(ran == 0);
  CHECK(host.core.alive());
  CHECK(host.deadline < at(0));
  host.core.turn();
  CHECK(ran == 1);
  CHECK(host.deadline == instant::never());
}

TEST_CASE("end-of-turn work that schedules itself runs once a turn") {
  fake_host host;
  int ran = 0;
  test_turn_end* self = nullptr;
  test_turn_end node([&] {
    ++ran;
    host.core.at_turn_end(*self);
  });
  self = &node;
  host.core.at_turn_end(node);
  host.core.turn();
  CHECK(ran == 1);
  CHECK(host.core.next_deadline() < at(0));
  host.core.turn();
  CHECK(ran == 2);
}

TEST_CASE("end-of-turn work can be cancelled before and while the list runs") {
  fake_host host;
  std::string ran;
  test_turn_end c([&] { ran += 'c'; });
  std::optional<test_turn_end> b(std::in_place, [&] { ran += 'b'; });
  test_turn_end a([&] {
    ran += 'a';
    b.reset();
  });
  test_turn_end never([&] { ran += 'n'; });
  host.core.at_turn_end(never);
  host.core.at_turn_end(a);
  host.core.at_turn_end(*b);
  host.core.at_turn_end(c);
  never.cancel();
  CHECK_FALSE(never.scheduled());
  host.core.turn();
  CHECK(ran == "ac");
}

TEST_CASE("holds, timers, tasks and work put off keep a loop alive") {
  fake_host host;
  CHECK_FALSE(host.core.alive());
  host.core.hold();
  CHECK(host.core.alive());
  host.core.unhold();
  CHECK_FALSE(host.core.alive());
  CHECK(host.core.post([] {}));
  CHECK(host.core.alive());
  host.core.turn();
  CHECK_FALSE(host.core.alive());
}
