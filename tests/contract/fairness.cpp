// One stream doesn't starve another, and idle ones cost nothing.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/pattern.hpp>

CONTRACT_LIST(fairness_cases)

using namespace drywire;
using namespace drywire::contract;

CONTRACT_CASE("a flooding peer doesn't hold up another's single byte") {
  auto [flooded, flood] = on.join_peer();
  auto [other, other_peer] = on.join_peer();
  flooded.keeps_text = false;
  flooded.pause();
  const std::string much = pattern(std::size_t{256} * 1024);
  std::size_t sent = 0;
  while (const std::size_t n = flood.write_some(much)) sent += n;
  REQUIRE(sent > std::size_t{1024} * 1024);
  std::size_t received_before = 0;
  other.then_data = [&, &f = flooded](lent_buffer&) { received_before = f.received; };
  flooded.then_data = [&, &f = flooded, &p = other_peer](lent_buffer&) {
    if (f.datas == 1) p.write("x");
  };
  flooded.resume();
  on.run_until([&, &f = flooded, &o = other] { return f.received >= sent && o.datas == 1; });
  CHECK(received_before < sent / 4 * 3);  // libuv reads 2 MiB before it looks at others
}

CONTRACT_CASE("a flooding peer doesn't hold up timers and posted tasks") {
  auto [flooded, flood] = on.join_peer();
  flooded.keeps_text = false;
  flooded.pause();
  const std::string much = pattern(std::size_t{256} * 1024);
  std::size_t sent = 0;
  while (const std::size_t n = flood.write_some(much)) sent += n;
  REQUIRE(sent > std::size_t{1024} * 1024);
  std::size_t before_timer = 0;
  std::size_t before_task = 0;
  called_timer timer([&, &f = flooded] { before_timer = f.received; });
  flooded.resume();
  on.core().arm(timer, on.loop().time().steady);
  CHECK(on.core().post([&, &f = flooded] { before_task = f.received; }));
  on.run_until([&, &f = flooded] { return f.received >= sent && timer.fired == 1; });
  CHECK(before_timer < sent);
  CHECK(before_task < sent);
}

CONTRACT_CASE("streams that echo without end don't starve each other") {
  auto [a, b] = on.join();
  auto [c, d] = on.join();
  for (recording_handler* each : {&a, &b, &c, &d}) {
    each->keeps_text = false;
    each->then_data = [each](lent_buffer& lent) { (void)each->write(as_text(lent.bytes())); };
  }
  CHECK(a.write("to and fro") == 10);
  CHECK(c.write("to and fro") == 10);
  const auto enough = [](const recording_handler& h) { return h.received >= 2000; };
  on.run_until([&, &x = a, &y = c] { return enough(x) && enough(y); });
}

CONTRACT_CASE("1000 idle streams cause no turns") {
  recording_listener& listening = on.listen(endpoint::loopback_v4(0), {.backlog = 4096});
  std::vector<raw_peer> peers;
  for (std::size_t i = 0; i != 1000; ++i) {
    peers.emplace_back(listening.where);
    if (i % 100 == 99) on.turn(1);
  }
  on.run_until([&] { return listening.streams.size() == 1000; });
  on.turn();
  int waits = 0;
  const instant over = on.loop().time().steady + milliseconds(100);
  for (; on.loop().time().steady < over; ++waits) (void)on.loop().run_once(milliseconds(100));
  CHECK(waits < 10);
  on.expect_idle();
  for (const recording_handler* h : listening.streams) REQUIRE(h->order.empty());
}
