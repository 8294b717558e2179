// Timers: in order, never early, and as good from a callback as from outside. That a case never
// asks how late one was is on purpose: that depends on the machine.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/process.hpp>
#include <drywire/contract/world.hpp>

#include <deque>
#include <limits>

CONTRACT_LIST(timer_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

instant time_of(fixture& on) { return on.loop().time().steady; }

// Armed for the future, but due before the loop runs: as on a machine that was busy elsewhere.
void arm_overdue(fixture& on, timer& node) {
  const instant deadline = time_of(on) + milliseconds(2);
  on.core().arm(node, deadline);
  present_world().pass(milliseconds(4));
}

}  // namespace

CONTRACT_CASE("timers are never early") {
  constexpr std::int64_t lengths_us[] = {0, 1, 10, 100, 900, 1000, 1001, 1999, 5000, 20'000};
  std::deque<called_timer> timers;
  int fired = 0;
  for (const std::int64_t us : lengths_us) {
    const instant deadline = time_of(on) + microseconds(us);
    called_timer& timer = timers.emplace_back();
    timer.then = [&on, &fired, deadline] {
      ++fired;
      CHECK(time_of(on) >= deadline);
    };
    on.core().arm(timer, deadline);
    CHECK(timer.armed());
    CHECK(timer.deadline() == deadline);
  }
  on.run();  // ends by itself behind the last
  CHECK(fired == std::ssize(lengths_us));
  for (const called_timer& timer : timers) CHECK_FALSE(timer.armed());
}

CONTRACT_CASE("timers fire by deadline, and in the order of arming among equals") {
  std::string order;
  std::deque<called_timer> timers;
  const instant base = time_of(on) + milliseconds(2);
  const auto arm = [&](char name, duration later) {
    on.core().arm(timers.emplace_back([&order, name] { order += name; }), base + later);
  };
  arm('d', milliseconds(1));
  arm('a', duration());
  arm('e', milliseconds(1));
  arm('b', duration());
  arm('f', nanoseconds(1'000'001));
  arm('c', duration());
  on.run();
  CHECK(order == "abcdef");
}

CONTRACT_CASE("a zero timer fires in a later turn, never from within arm") {
  called_timer second;
  called_timer first([&] {
    on.core().arm(second, time_of(on));
    CHECK(second.fired == 0);
  });
  on.core().arm(first, time_of(on));
  CHECK(first.fired == 0);
  int fired_at_turn_end = -1;
  called_turn_end end([&] { fired_at_turn_end = second.fired; });
  CHECK(on.core().post([&] { on.core().at_turn_end(end); }));
  on.run_until([&] { return first.fired == 1; });
  on.run_until([&] { return second.fired == 1; });
  CHECK(fired_at_turn_end == 0);
  CHECK(first.fired == 1);
}

CONTRACT_CASE("a deadline in the past is due at once") {
  called_timer timer;
  on.core().arm(timer, instant{std::numeric_limits<std::int64_t>::min()});
  CHECK(timer.fired == 0);
  on.run();
  CHECK(timer.fired == 1);
}

CONTRACT_CASE("run ends behind the last timer, though that was due before run began") {
  called_timer timer;
  arm_overdue(on, timer);
  on.run();
  CHECK(timer.fired == 1);
}

CONTRACT_CASE("run_once ends with a timer that was due before it began") {
  called_timer timer;
  arm_overdue(on, timer);
  called_timer much_later;
  on.core().arm(much_later, time_of(on) + seconds(10));
  while (timer.fired == 0) (void)on.loop().run_once(seconds(15));
  CHECK(much_later.fired == 0);
  much_later.cancel();
}

CONTRACT_CASE("a zero timer that arms itself again starves nobody") {
  auto [server, peer] = on.join_peer();
  called_timer greedy;
  greedy.then = [&] { on.core().arm(greedy, time_of(on)); };
  on.core().arm(greedy, time_of(on));
  called_timer other;
  on.core().arm(other, time_of(on) + milliseconds(1));
  int posted = 0;
  CHECK(on.core().post([&] { ++posted; }));
  peer.write("x");
  on.run_until([&, &s = server] {
    return s.received == 1 && posted == 1 && other.fired == 1 && greedy.fired > 1;
  });
}

CONTRACT_CASE("another due timer cancelled from a callback doesn't fire") {
  called_timer victim;
  called_timer killer([&] { victim.cancel(); });
  const instant when = time_of(on) + milliseconds(1);
  on.core().arm(killer, when);
  on.core().arm(victim, when);
  on.run();
  CHECK(killer.fired == 1);
  CHECK(victim.fired == 0);
  CHECK_FALSE(victim.armed());
}

CONTRACT_CASE("a due timer moved on from a callback fires once, later") {
  called_timer moved;
  const instant when = time_of(on) + milliseconds(1);
  const instant later = when + milliseconds(5);
  called_timer mover([&] { on.core().arm(moved, later); });
  moved.then = [&] { CHECK(time_of(on) >= later); };
  on.core().arm(mover, when);
  on.core().arm(moved, when);
  on.run();
  CHECK(moved.fired == 1);
}

CONTRACT_CASE("a timer that cancels and arms itself again in its callback") {
  called_timer timer;
  timer.then = [&] {
    CHECK_FALSE(timer.armed());
    timer.cancel();
    if (timer.fired < 5) on.core().arm(timer, time_of(on) + microseconds(10));
  };
  on.core().arm(timer, time_of(on));
  on.run();
  CHECK(timer.fired == 5);
}

CONTRACT_CASE("a timer that arms and then cancels itself doesn't fire again") {
  called_timer timer;
  timer.then = [&] {
    on.core().arm(timer, time_of(on));
    timer.cancel();
  };
  on.core().arm(timer, time_of(on));
  on.run();
  CHECK(timer.fired == 1);
}

CONTRACT_CASE("cancelling after firing, and twice, does nothing") {
  called_timer timer;
  timer.cancel();
  on.core().arm(timer, time_of(on));
  on.run();
  timer.cancel();
  timer.cancel();
  CHECK(timer.fired == 1);
  on.core().arm(timer, time_of(on));
  timer.cancel();
  on.run();
  CHECK(timer.fired == 1);
}

CONTRACT_CASE("a timer destroyed in its own callback") {
  auto* timer = new called_timer;
  int fired = 0;
  timer->then = [&] {
    int* const count = &fired;  // the closure dies with the timer
    delete timer;
    ++*count;
  };
  on.core().arm(*timer, time_of(on));
  on.run();
  CHECK(fired == 1);
}

CONTRACT_CASE("another due timer destroyed in a callback doesn't fire") {
  auto victim = std::make_unique<called_timer>([] { FAIL_CHECK("a dead timer fired"); });
  called_timer killer([&] { victim.reset(); });
  const instant when = time_of(on);
  on.core().arm(killer, when);
  on.core().arm(*victim, when);
  on.run();
  CHECK(killer.fired == 1);
}

CONTRACT_CASE("deadlines in 292 years and never don't overflow") {
  called_timer far;
  called_timer never;
  called_timer near;
  on.core().arm(far, time_of(on) + duration::max());
  on.core().arm(never, instant::never());
  on.core().arm(near, time_of(on) + milliseconds(1));
  on.run_until([&] { return near.fired == 1; });
  on.turn();
  CHECK(far.fired == 0);
  CHECK(never.fired == 0);
  CHECK(far.armed());
  far.cancel();
  never.cancel();
  on.run();
}

CONTRACT_CASE("a wall clock that jumps is told, and moves no timer") {
  for (const std::int64_t jump_s : {100'000, -100'000}) {
    called_timer soon;
    called_timer later;
    const now begin = on.loop().time();
    on.core().arm(soon, begin.steady + milliseconds(20));
    on.core().arm(later, begin.steady + seconds(1000));
    const wall_clock_jump jumped{seconds(jump_s)};
    CHECK(on.loop().time().unix_seconds >= begin.unix_seconds + jump_s);
    CHECK(on.loop().time().unix_seconds < begin.unix_seconds + jump_s + 1000);
    on.run_until([&] { return soon.fired == 1; });
    CHECK(time_of(on) >= begin.steady + milliseconds(20));
    on.turn();
    CHECK(later.fired == 0);
  }
}

CONTRACT_CASE("a timer armed from a late callback counts from the turn's time, and isn't early") {
  called_timer second;
  instant deadline;
  called_timer first([&] {
    // The callback itself takes long: now() stands still meanwhile.
    present_world().pass(milliseconds(5));
    deadline = time_of(on) + milliseconds(1);
    on.core().arm(second, deadline);
  });
  second.then = [&] { CHECK(time_of(on) >= deadline); };
  on.core().arm(first, time_of(on));
  on.run();
  CHECK(second.fired == 1);
}

CONTRACT_CASE("10,000 timers, half of them cancelled") {
  constexpr std::size_t count = 10'000;
  std::deque<called_timer> timers(count);
  const instant base = time_of(on);
  for (std::size_t i = 0; i != count; ++i) {
    on.core().arm(timers[i], base + microseconds(static_cast<std::int64_t>(i * 7919 % 5000)));
  }
  for (std::size_t i = 0; i < count; i += 2) timers[i].cancel();
  on.run();
  for (std::size_t i = 0; i != count; ++i) {
    if (timers[i].fired != static_cast<int>(i % 2)) FAIL("timer " << i);
  }
}

CONTRACT_CASE("lazy re-arming: moved away 10,000 times, a timer fires once and costs few turns") {
  called_timer timeout;
  instant last;
  timeout.then = [&] { CHECK(time_of(on) >= last); };
  for (int i = 0; i != 10'000; ++i) {
    last = time_of(on) + milliseconds(20);
    on.core().arm(timeout, last);
  }
  int waits = 0;
  for (; timeout.fired == 0; ++waits) (void)on.loop().run_once(seconds(10));
  CHECK(timeout.fired == 1);
  CHECK(waits < 10);
}

CONTRACT_CASE("moved nearer, a timer fires by the new deadline") {
  called_timer timer;
  on.core().arm(timer, time_of(on) + seconds(1000));
  on.turn(2);
  on.core().arm(timer, time_of(on) + milliseconds(1));
  on.run();
  CHECK(timer.fired == 1);
}

CONTRACT_CASE("a timer armed from on_data fires though nothing else happens") {
  auto [server, peer] = on.join_peer();
  called_timer timer([&] { on.loop().stop(); });
  server.then_data = [&](lent_buffer&) { on.core().arm(timer, time_of(on) + milliseconds(2)); };
  peer.write("x");
  on.run();
  CHECK(timer.fired == 1);
}

CONTRACT_CASE("an armed timer far away burns no CPU") {
  called_timer far;
  on.core().arm(far, time_of(on) + seconds(3600));
  on.expect_idle();
  CHECK(far.fired == 0);
}
