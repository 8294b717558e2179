// detach(): all is told its end, nothing new begins, and `done` comes once, behind everything.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>

#include <cerrno>
#include <csignal>
#include <memory>

CONTRACT_LIST(detaching_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

// Detaches, and counts how often and behind what it was said to be done.
struct detaching {
  explicit detaching(fixture& f) : on(f) {}
  detaching(const detaching&) = delete;
  detaching& operator=(const detaching&) = delete;

  void begin() {
    on.loop().detach([this] {
      ++done;
      in_scope = on.core().in_scope();
    });
  }
  void finish() {
    on.run_until([this] { return done != 0; });
    on.turn();
    CHECK(done == 1);
    CHECK_FALSE(in_scope);
    CHECK_FALSE(on.core().alive());
  }

  fixture& on;
  int done = 0;
  bool in_scope = false;
};

struct deaf_to_signals final : signal_handler {
  void on_signal(int) noexcept override {}
};

void check_cancelled(const recording_handler& each) {
  CHECK(each.closes == 1);
  CHECK(each.reason == error(ECANCELED));
  CHECK(each.eofs == 0);
}

}  // namespace

CONTRACT_CASE("detach with nothing there: done once, in run") {
  int done = 0;
  on.loop().detach([&] { ++done; });
  CHECK(done == 0);
  on.run();
  CHECK(done == 1);
  on.run();
  CHECK(done == 1);
}

CONTRACT_CASE("detach with live streams: all are told ECANCELED, once") {
  auto [client, server] = on.join();
  auto [paused, other] = on.join();
  paused.pause();
  auto [filled, stuck] = on.join();
  stuck.pause();
  CHECK(filled.fill() > 0);
  auto [closing, deaf] = on.join();
  deaf.pause();
  CHECK(closing.fill() > 0);
  closing.close();
  const full_listener full;
  recording_handler& connecting = on.connect(full.local());
  const recording_listener& listening = on.listen();
  on.turn();
  detaching d(on);
  d.begin();
  CHECK(client.closes == 0);
  CHECK(listening.closes == 0);
  d.finish();
  for (const recording_handler* each :
       {&client, &server, &paused, &other, &filled, &stuck, &closing, &deaf, &connecting}) {
    check_cancelled(*each);
  }
  CHECK(listening.closes == 1);
}

CONTRACT_CASE("detach resets a peer, and keeps what it sent from being told") {
  auto [server, peer] = on.join_peer();
  peer.write("too late");
  detaching d(on);
  d.begin();
  d.finish();
  REQUIRE(present_world().wait_readable(peer.fd(), seconds(10)));
  peer.read();
  CHECK(peer.failure == error(ECONNRESET));
  check_cancelled(server);
}

CONTRACT_CASE("detach inside a callback begins at the end of the turn") {
  auto [server, peer] = on.join_peer();
  detaching d(on);
  called_turn_end drain;
  server.then_data = [&, &s = server](lent_buffer&) {
    on.core().at_turn_end(drain);
    d.begin();
    CHECK(s.write("last") == 4);
    CHECK(s.closes == 0);
    CHECK(d.done == 0);
  };
  drain.then = [&, &s = server] { CHECK(s.closes == 0); };
  peer.write("x");
  d.finish();
  check_cancelled(server);
  CHECK(drain.ran == 1);
}

CONTRACT_CASE("detach inside on_closed, a timer and a task: what waits behind it is forgotten") {
  detaching d(on);
  called_timer due;
  called_timer later;
  const auto begin = [&](instant time) {
    on.core().arm(due, time);
    on.core().arm(later, time + milliseconds(1));
  };
  SECTION("a timer") {
    called_timer first([&] { d.begin(); });
    const instant time = on.loop().time().steady;
    on.core().arm(first, time);
    begin(time);
    d.finish();
  }
  SECTION("a task") {
    int ran = 0;
    CHECK(on.core().post([&] { d.begin(); }));
    CHECK(on.core().post([&] { ++ran; }));
    begin(on.loop().time().steady);
    d.finish();
    CHECK(ran == 0);
  }
  SECTION("on_closed") {
    auto [client, server] = on.join();
    client.then_closed = [&] {
      begin(on.loop().time().steady);
      d.begin();
    };
    client.abort();
    d.finish();
    CHECK(server.closes == 1);
  }
  CHECK(due.fired == 0);
  CHECK(later.fired == 0);
  CHECK_FALSE(due.armed());
  CHECK_FALSE(later.armed());
}

CONTRACT_CASE("behind detach nothing new begins") {
  detaching d(on);
  const loop_remote remote = on.core().remote();
  const auto held = std::make_shared<int>(0);
  CHECK(on.core().post([held] { ++*held; }));
  d.begin();
  CHECK(held.use_count() == 1);  // the task that waited is gone
  recording_handler& late = on.handler();
  const auto try_all = [&] {
    CHECK_FALSE(on.core().post([held] { ++*held; }));
    CHECK_FALSE(remote.post([held] { ++*held; }));
    called_timer timer;
    on.core().arm(timer, on.loop().time().steady);
    CHECK_FALSE(timer.armed());
    recording_listener refused(on);
    CHECK(on.loop().listen(endpoint::loopback_v4(0), refused).error() == error(ECANCELED));
    deaf_to_signals signals;
    CHECK(on.loop().handle_signal(SIGUSR1, signals) == error(ECANCELED));
    CHECK(on.loop().adopt(-1, on.handler()).error() == error(ECANCELED));
    on.loop().remove_signal(SIGUSR1);
  };
  try_all();
  const raw_listener listening;
  late.to = &on.loop().connect(listening.local(), late);
  CHECK(late.closes == 0);
  d.finish();
  CHECK(late.order == "c");
  CHECK(late.reason == error(ECANCELED));
  try_all();
  CHECK(held.use_count() == 1);
  CHECK(*held == 0);
}

CONTRACT_CASE("what on_closed says and does while the loop detaches is in time") {
  auto [client, server] = on.join();
  detaching d(on);
  called_turn_end drain([&] { CHECK(d.done == 0); });
  recording_handler& again = on.handler();
  client.then_closed = [&] {
    CHECK(d.done == 0);
    on.core().at_turn_end(drain);
    again.to = &on.loop().connect(endpoint::loopback_v4(1), again);
  };
  d.begin();
  d.finish();
  CHECK(drain.ran == 1);
  CHECK(again.order == "c");
  CHECK(again.reason == error(ECANCELED));
  check_cancelled(server);
}

CONTRACT_CASE("an end that was not told yet is told before done, for its own reason") {
  auto [server, peer] = on.join_peer();
  server.abort();
  detaching d(on);
  d.begin();
  d.finish();
  CHECK(server.order == "c");
  CHECK(server.reason == error());
}

CONTRACT_CASE("detach twice is one: the second done is never called") {
  detaching d(on);
  d.begin();
  on.loop().detach([] { FAIL_CHECK("called"); });
  d.finish();
  on.loop().detach([] { FAIL_CHECK("called"); });
  on.turn();
}

CONTRACT_CASE("done may destroy the loop") {
  auto [client, server] = on.join();
  on.loop().detach([&] { on.destroy_loop(); });
  SECTION("in run") { CHECK(on.loop().run() == error()); }
  SECTION("in run_once") {
    bool left = true;
    while (left) left = on.loop().run_once(milliseconds(1));
  }
  check_cancelled(client);
  check_cancelled(server);
  CHECK_FALSE(on.has_loop());
}

CONTRACT_CASE("destroyed before it has detached: all is told, and done is never called") {
  auto [client, server] = on.join();
  const auto held = std::make_shared<int>(0);
  on.loop().detach([held] { ++*held; });
  on.destroy_loop();
  check_cancelled(client);
  check_cancelled(server);
  CHECK(held.use_count() == 1);
  CHECK(*held == 0);
}

CONTRACT_CASE("a signal has its default action again behind detach", capability::signals) {
  deaf_to_signals signals;
  CHECK(on.loop().handle_signal(SIGUSR2, signals) == error());
  detaching d(on);
  d.begin();
  d.finish();
  struct sigaction present {};
  REQUIRE(::sigaction(SIGUSR2, nullptr, &present) == 0);
  CHECK(present.sa_handler == SIG_DFL);
}
