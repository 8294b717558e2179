// Turns: what a scope reads once, and what is put off to its end.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/world.hpp>

CONTRACT_LIST(turn_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

void spin_for_a_millisecond() { present_world().pass(milliseconds(1)); }

}  // namespace

CONTRACT_CASE("now is constant within a turn, in every kind of callback") {
  auto [server, peer] = on.join_peer();
  int checked = 0;
  const auto check = [&] {
    const instant before = on.loop().time().steady;
    spin_for_a_millisecond();
    CHECK(on.loop().time().steady == before);
    CHECK(on.core().in_scope());
    ++checked;
  };
  called_timer timer(check);
  called_turn_end end(check);
  server.then_data = [&](lent_buffer&) { check(); };
  server.then_eof = check;
  server.then_closed = check;
  on.core().arm(timer, on.loop().time().steady);
  on.core().at_turn_end(end);
  CHECK(on.core().post(check));
  peer.write("x");
  peer.fin();
  on.run_until([&, &s = server] { return s.eofs == 1 && checked == 5; });
  server.shutdown();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(checked == 6);
}

CONTRACT_CASE("now never goes back, and moves outside of callbacks") {
  const instant before = on.loop().time().steady;
  spin_for_a_millisecond();
  CHECK(on.loop().time().steady > before);
  instant last = on.loop().time().steady;
  called_timer timer;
  timer.then = [&] {
    CHECK(on.loop().time().steady >= last);
    last = on.loop().time().steady;
    if (timer.fired < 50) on.core().arm(timer, last);
  };
  on.core().arm(timer, last);
  on.run();
}

CONTRACT_CASE("end-of-turn work asked for outside of callbacks runs, once") {
  called_turn_end end;
  on.core().at_turn_end(end);
  on.core().at_turn_end(end);
  CHECK(end.scheduled());
  CHECK(end.ran == 0);
  on.run();  // it is something left to do, and then nothing is
  CHECK(end.ran == 1);
  CHECK_FALSE(end.scheduled());
}

CONTRACT_CASE("end-of-turn work runs behind the callback that asked for it, in the same turn") {
  auto [server, peer] = on.join_peer();
  std::string order;
  instant turn;
  called_turn_end end([&] {
    order += 'e';
    CHECK(on.loop().time().steady == turn);
  });
  server.then_data = [&](lent_buffer&) {
    turn = on.loop().time().steady;
    on.core().at_turn_end(end);
    order += 'd';
  };
  peer.write("x");
  on.run_until([&] { return end.ran == 1; });
  CHECK(order == "de");
}

CONTRACT_CASE("end-of-turn work asked for by timers and tasks runs in their turn") {
  std::string order;
  called_turn_end end([&] { order += 'e'; });
  called_timer timer([&] {
    order += 't';
    on.core().at_turn_end(end);
  });
  on.core().arm(timer, on.loop().time().steady);
  on.run();
  CHECK(order == "te");
  CHECK(on.core().post([&] {
    order += 'p';
    on.core().at_turn_end(end);
  }));
  on.run();
  CHECK(order == "tepe");
}

CONTRACT_CASE("end-of-turn work that schedules itself again runs in later turns, starving nobody") {
  auto [server, peer] = on.join_peer();
  called_turn_end again;
  again.then = [&] { on.core().at_turn_end(again); };
  on.core().at_turn_end(again);
  called_timer timer;
  on.core().arm(timer, on.loop().time().steady + milliseconds(1));
  peer.write("x");
  on.run_until([&, &s = server] { return s.received == 1 && timer.fired == 1 && again.ran > 1; });
}

CONTRACT_CASE("end-of-turn work that schedules other work leaves it for the next turn") {
  std::string order;
  called_turn_end second([&] { order += '2'; });
  called_timer marker([&] { order += 't'; });
  called_turn_end first([&] {
    order += '1';
    on.core().at_turn_end(second);
    on.core().arm(marker, on.loop().time().steady);
  });
  CHECK(on.core().post([&] { on.core().at_turn_end(first); }));
  on.run();
  CHECK(order == "1t2");
}

CONTRACT_CASE("end-of-turn work keeps the order it was asked for in") {
  std::string order;
  called_turn_end a([&] { order += 'a'; });
  called_turn_end b([&] { order += 'b'; });
  called_turn_end c([&] { order += 'c'; });
  for (called_turn_end* each : {&b, &a, &c, &b}) on.core().at_turn_end(*each);
  on.run();
  CHECK(order == "bac");
}

CONTRACT_CASE("end-of-turn work cancelled or destroyed doesn't run") {
  called_turn_end victim;
  auto dead = std::make_unique<called_turn_end>([] { FAIL_CHECK("dead work ran"); });
  called_turn_end killer([&] {
    victim.cancel();
    dead.reset();
  });
  for (called_turn_end* each : {&killer, &victim, dead.get()}) on.core().at_turn_end(*each);
  on.run();
  CHECK(killer.ran == 1);
  CHECK(victim.ran == 0);
}

CONTRACT_CASE("a write from end-of-turn work, asked for outside, leaves at once") {
  auto [server, peer] = on.join_peer();
  called_turn_end drain([&s = server] { CHECK(s.write("drained") == 7); });
  on.core().at_turn_end(drain);
  on.run_until([&, &p = peer] {
    p.read();
    return p.received == "drained";
  });
  CHECK(drain.ran == 1);
}

CONTRACT_CASE("on_closed comes before the end-of-turn work of its turn") {
  auto [server, peer] = on.join_peer();
  std::string order;
  called_turn_end end([&] { order += 'e'; });
  server.then_closed = [&] { order += 'c'; };
  CHECK(on.core().post([&, &s = server] {
    on.core().at_turn_end(end);
    s.abort();
    order += 'p';
  }));
  on.run_until([&, &s = server] { return s.ended() && end.ran == 1; });
  CHECK(order == "pce");
}
