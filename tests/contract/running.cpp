// run(), stop(), and the end of a loop.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>

#include <cerrno>

CONTRACT_LIST(running_cases)

using namespace drywire;
using namespace drywire::contract;

CONTRACT_CASE("run returns at once when there is nothing") {
  on.run();
  CHECK_FALSE(on.core().alive());
  CHECK_FALSE(on.loop().run_once(duration()));
}

CONTRACT_CASE("run returns when nothing is left: listeners, streams, timers, tasks") {
  recording_listener& listening = on.listen();
  recording_handler& client = on.connect(listening.where);
  listening.then_accept = [&](recording_handler& accepted) {
    listening.close();
    accepted.then_eof = [&accepted] { accepted.close(); };
  };
  client.then_open = [&] { client.shutdown(); };
  called_timer timer;
  on.core().arm(timer, on.loop().time().steady + milliseconds(1));
  int ran = 0;
  CHECK(on.core().post([&] { ++ran; }));
  on.run();
  CHECK(client.ended());
  CHECK(listening.streams[0]->ended());
  CHECK(listening.closes == 1);
  CHECK(timer.fired == 1);
  CHECK(ran == 1);
}

CONTRACT_CASE("run can be called again") {
  for (int i = 1; i != 4; ++i) {
    called_timer timer;
    on.core().arm(timer, on.loop().time().steady + microseconds(100));
    on.run();
    CHECK(timer.fired == 1);
  }
}

CONTRACT_CASE("run inside a callback is refused, and does nothing") {
  auto [server, peer] = on.join_peer();
  called_timer other;
  int refused = 0;
  const auto try_it = [&] {
    const int before = other.fired;
    CHECK(on.loop().run() == error(EBUSY));
    CHECK_FALSE(on.loop().run_once(duration()));
    CHECK(other.fired == before);
    ++refused;
  };
  server.then_data = [&](lent_buffer&) {
    on.core().arm(other, on.loop().time().steady);
    try_it();
  };
  called_timer timer(try_it);
  called_turn_end end(try_it);
  on.core().arm(timer, on.loop().time().steady);
  on.core().at_turn_end(end);
  CHECK(on.core().post(try_it));
  peer.write("x");
  on.run_until([&] { return refused == 4 && other.fired == 1; });
}

CONTRACT_CASE("stop from inside ends run after the turn") {
  recording_listener& listening = on.listen();
  called_turn_end end;
  CHECK(on.core().post([&] {
    on.core().at_turn_end(end);
    on.loop().stop();
  }));
  on.run();
  CHECK(end.ran == 1);
  CHECK(listening.closes == 0);
}

CONTRACT_CASE("stop before run ends that run at once, and only that one") {
  const recording_listener& listening = on.listen();
  on.loop().stop();
  on.run();
  called_timer timer([&] { on.loop().stop(); });
  on.core().arm(timer, on.loop().time().steady + milliseconds(1));
  on.run();
  CHECK(timer.fired == 1);
  CHECK(listening.closes == 0);
}

CONTRACT_CASE("run_once waits for one thing at most, and says whether anything is left") {
  called_timer timer;
  on.core().arm(timer, on.loop().time().steady + seconds(1000));
  CHECK(on.loop().run_once(duration()));
  CHECK(timer.fired == 0);
  on.core().arm(timer, on.loop().time().steady + milliseconds(1));
  while (timer.fired == 0) (void)on.loop().run_once(seconds(1000));
  CHECK_FALSE(on.loop().run_once(duration()));
}

CONTRACT_CASE("two loops in one thread don't disturb each other") {
  fixture other(on.tested());
  recording_listener& listening = other.listen();
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] {
    other.turn(1);
    return client.opens == 1 && listening.streams.size() == 1;
  });
  recording_handler& server = *listening.streams[0];
  server.then_data = [&](lent_buffer& lent) { CHECK(server.write(as_text(lent.bytes())) != 0); };
  called_timer here;
  called_timer there;
  on.core().arm(here, on.loop().time().steady);
  other.core().arm(there, other.loop().time().steady);
  CHECK(client.write("across") == 6);
  on.run_until([&] {
    other.turn(1);
    return client.text == "across" && here.fired == 1 && there.fired == 1;
  });
  other.tear_down();
  on.run_until([&] { return client.eofs == 1 || client.ended(); });
}

CONTRACT_CASE("a loop run inside a callback of another loop") {
  fixture other(on.tested());
  called_timer inner;
  other.core().arm(inner, other.loop().time().steady + microseconds(100));
  CHECK(on.core().post([&] { other.run(); }));
  on.run();
  CHECK(inner.fired == 1);
  other.tear_down();
}

CONTRACT_CASE("destroyed without running") {
  const recording_listener& listening = on.listen();
  const recording_handler& client = on.connect(listening.where);
  called_timer timer;
  on.core().arm(timer, on.loop().time().steady);
  called_turn_end end;
  on.core().at_turn_end(end);
  bool destroyed = false;
  struct marker {
    explicit marker(bool& flag) : flag_(&flag) {}
    marker(marker&& other) noexcept : flag_(std::exchange(other.flag_, nullptr)) {}
    marker& operator=(marker&&) = delete;
    ~marker() {
      if (flag_ != nullptr) *flag_ = true;
    }
    bool* flag_;
  };
  CHECK(on.core().post([marked = marker(destroyed)] { FAIL_CHECK("a task ran"); }));
  on.destroy_loop();
  CHECK(client.order == "c");
  CHECK(client.reason == error(ECANCELED));
  CHECK(listening.closes == 1);
  CHECK(timer.fired == 0);
  CHECK(destroyed);
  CHECK_FALSE(timer.armed());
  CHECK_FALSE(end.scheduled());
}

CONTRACT_CASE("destroyed with live streams: all are told ECANCELED, once") {
  auto [client, server] = on.join();
  auto [filled, stuck] = on.join();
  stuck.pause();
  CHECK(filled.fill() > 0);
  auto [closing, deaf] = on.join();
  deaf.pause();
  CHECK(closing.fill() > 0);
  closing.close();
  const full_listener full;
  recording_handler& connecting = on.connect(full.local());
  on.turn();
  on.destroy_loop();
  for (const recording_handler* each :
       {&client, &server, &filled, &stuck, &closing, &deaf, &connecting}) {
    CHECK(each->closes == 1);
    CHECK(each->reason == error(ECANCELED));
    CHECK(each->eofs == 0);
  }
}

CONTRACT_CASE("destroyed with an end that was not told yet: it is told") {
  auto [server, peer] = on.join_peer();
  server.abort();
  on.destroy_loop();
  CHECK(server.order == "c");
  CHECK(server.reason == error());
}

CONTRACT_CASE("a handler told ECANCELED may close, write and forget its other streams") {
  auto [a, b] = on.join();
  auto [c, d] = on.join();
  for (recording_handler* each : {&a, &b, &c, &d}) {
    each->then_closed = [each, all = std::vector{&a, &b, &c, &d}] {
      for (recording_handler* other : all) {
        if (other == each || other->to == nullptr) continue;
        (void)other->to->write({});
        other->to->abort();
      }
    };
  }
  on.destroy_loop();
  for (const recording_handler* each : {&a, &b, &c, &d}) CHECK(each->closes == 1);
}
