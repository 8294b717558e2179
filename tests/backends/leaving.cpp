// How a guest leaves its host, destroyed or detached: the same cases for each host.
#include "attached_host.hpp"
#include "echo.hpp"
#include "nodes.hpp"

#include <algorithm>
#include <csignal>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace drywire::test {

TEST_CASE("a guest destroyed while the host runs leaves nothing behind") {
  const auto host = make_host();
  guest loop = host->attach();
  auto server = std::make_unique<echo_server>(*loop);
  auto clients = std::make_unique<std::list<echo_end>>(10);
  for (echo_end& client : *clients) (void)loop->connect(server->where, client);
  auto late = std::make_unique<test_timer>([] { FAIL("a timer of a loop that is gone"); });
  loop->core().arm(*late, loop->time().steady + seconds(3600));
  const loop_remote remote = loop->core().remote();

  bool told_all = false;
  int ticks = 0;
  host->tick(50, [&](int tick) {
    ticks = tick;
    if (tick != 25) return;
    REQUIRE(server->ends.size() == 10);
    echo_end& connecting = clients->emplace_back();
    (void)loop->connect(server->where, connecting);
    loop.destroy();
    told_all = server->listener_closes == 1;
    for (const auto* ends : {&*clients, &server->ends}) {
      for (const echo_end& end : *ends) {
        told_all = told_all && end.closes == 1 && end.reason == std::errc::operation_canceled;
      }
    }
    // What still comes would touch freed memory.
    clients.reset();
    server.reset();
    late.reset();
  });
  host->run();

  CHECK(told_all);
  CHECK(ticks == 50);
  CHECK_FALSE(remote.post([] {}));
}

TEST_CASE("a guest destroyed with writes and closes under way leaves nothing behind") {
  const auto host = make_host();
  guest loop = host->attach();
  echo_server server(*loop);
  std::list<echo_end> clients(2);
  std::vector<stream*> open;
  for (echo_end& client : clients) {
    client.opened = [&](stream& s) { open.push_back(&s); };
    open.reserve(2);
    (void)loop->connect(server.where, client);
  }
  while (open.size() != 2 || server.ends.size() != 2) host->run_once();
  // The server answers nothing, and its own buffer fills.
  for (echo_end& end : server.ends) {
    end.arrived = [](stream& s, lent_buffer&) { s.pause_reading(); };
  }
  const std::string much(1024UL * 1024, 'x');
  for (stream* s : open) {
    while (write(*s, much) == much.size()) {
    }
  }
  open[0]->close(seconds(3600));
  loop.destroy();
  for (const echo_end& client : clients) {
    CHECK(client.closes == 1);
    CHECK(client.reason == std::errc::operation_canceled);
  }
}

TEST_CASE("a guest destroyed before the host has ever run") {
  const auto host = make_host();
  guest loop = host->attach();
  echo_server server(*loop);
  echo_end client;
  (void)loop->connect(server.where, client);
  test_timer never([] { FAIL("nothing ran"); });
  loop->core().arm(never, loop->time().steady + seconds(3600));
  CHECK(loop->core().post([] { FAIL("nothing ran"); }));
  loop.destroy();
  CHECK(client.closes == 1);
  CHECK(client.reason == std::errc::operation_canceled);
  host->run();
}

TEST_CASE("two guests, one of which is destroyed, and a third that comes") {
  const auto host = make_host();
  guest first = host->attach();
  const guest second = host->attach();
  std::optional<guest> third;
  int fired = 0;
  test_timer of_first([&] { ++fired; });
  test_timer of_second([&] { ++fired; });
  first->core().arm(of_first, first->time().steady + seconds(3600));
  second->core().arm(of_second, second->time().steady + milliseconds(5));
  host->tick(3, [&](int tick) {
    if (tick == 1) first.destroy();
    if (tick == 2) third.emplace(host->attach());
  });
  host->run();
  CHECK(fired == 1);
}

namespace {

// A guest in the middle of everything: streams that idle, are paused, can't write, are closing and
// connecting, a listener, timers and a signal.
struct busy_guest {
  explicit busy_guest(attached_host& h) : host(h), loop(h.attach()), server(*loop) {
    for (echo_end& client : clients) {
      client.opened = [this](stream& s) { open.push_back(&s); };
      (void)loop->connect(server.where, client);
    }
    while (open.size() != clients.size() || server.ends.size() != clients.size()) host.run_once();
    for (echo_end& end : server.ends) {
      end.arrived = [](stream& s, lent_buffer&) { s.pause_reading(); };
    }
    open[0]->pause_reading();
    const std::string much(1024UL * 1024, 'x');
    for (stream* s : {open[1], open[2]}) {
      while (write(*s, much) == much.size()) continue;
    }
    open[2]->close(seconds(3600));
    (void)loop->connect(server.where, connecting);
    loop->core().arm(far, loop->time().steady + seconds(3600));
    CHECK(loop->handle_signal(SIGUSR1, signals) == error());
  }

  void detach() {
    loop->core().arm(due, loop->time().steady);
    loop->detach([this] {
      ++done;
      if (then) then();
    });
  }
  [[nodiscard]] bool all_told() const {
    const auto cancelled = [](const echo_end& end) {
      return end.closes == 1 && end.reason == std::errc::operation_canceled;
    };
    return std::ranges::all_of(clients, cancelled) && std::ranges::all_of(server.ends, cancelled) &&
           cancelled(connecting) && server.listener_closes == 1;
  }

  attached_host& host;
  guest loop;
  echo_server server;
  std::list<echo_end> clients = std::list<echo_end>(4);
  echo_end connecting;
  std::vector<stream*> open;
  test_timer due{[] { FAIL_CHECK("a timer of a loop that detaches"); }};
  test_timer far{[] { FAIL_CHECK("an hour has passed"); }};
  deaf_handler signals;
  int done = 0;
  std::function<void()> then;
};

}  // namespace

TEST_CASE("detach leaves the host's own timer running, and nothing else in it") {
  const auto host = make_host();
  busy_guest busy(*host);
  int ticks = 0;
  int ticks_at_done = 0;
  busy.then = [&] { ticks_at_done = ticks; };
  host->tick(50, [&](int tick) {
    ticks = tick;
    if (tick == 5) busy.detach();
  });
  host->run();
  CHECK(busy.done == 1);
  CHECK(busy.all_told());
  CHECK(ticks == 50);
  CHECK(ticks_at_done >= 5);
  CHECK(ticks_at_done < 50);
  CHECK_FALSE(host->has_remains());
}

TEST_CASE("behind done the host needn't run again") {
  const auto host = make_host();
  busy_guest busy(*host);
  SECTION("and done destroys the backend") {
    busy.then = [&] { busy.loop.destroy(); };
  }
  SECTION("and the backend lives on") {}
  busy.detach();
  while (busy.done == 0) host->run_once();
  CHECK_FALSE(host->has_remains());
  CHECK(busy.all_told());
}

TEST_CASE("detach in a callback begins at the end of the turn") {
  const auto host = make_host();
  busy_guest busy(*host);
  bool within = false;
  const auto detach_here = [&] {
    within = true;
    busy.detach();
    CHECK(busy.clients.back().closes == 0);
    within = false;
  };
  bool done_within = true;
  busy.then = [&] { done_within = within; };
  SECTION("of a stream") {
    busy.server.ends.back().arrived = [&](stream&, lent_buffer&) { detach_here(); };
    busy.server.ends.front().arrived = [&](stream&, lent_buffer&) { detach_here(); };
    CHECK(write(*busy.open.back(), "now") == 3);
  }
  SECTION("of a timer") {
    busy.far.work = detach_here;
    busy.loop->core().arm(busy.far, busy.loop->time().steady + milliseconds(1));
  }
  SECTION("of a task") { CHECK(busy.loop->core().post(detach_here)); }
  while (busy.done == 0) host->run_once();
  CHECK_FALSE(done_within);
  CHECK(busy.done == 1);
  CHECK(busy.all_told());
  CHECK_FALSE(host->has_remains());
}

TEST_CASE("detach with nothing there, before the host has ever run") {
  const auto host = make_host();
  guest loop = host->attach();
  int done = 0;
  loop->detach([&] {
    ++done;
    loop.destroy();
  });
  CHECK(done == 0);
  host->run();
  CHECK(done == 1);
  CHECK_FALSE(host->has_remains());
}

TEST_CASE("a guest destroyed while it detaches tells all, but not that it has detached") {
  const auto host = make_host();
  busy_guest busy(*host);
  busy.detach();
  SECTION("at once") {}
  SECTION("when all was told") {
    while (!busy.all_told()) host->run_once();
  }
  const int done_before = busy.done;
  busy.loop.destroy();
  CHECK(busy.all_told());
  host->run();
  CHECK(busy.done == done_before);
}

TEST_CASE("one guest detaches, the other serves on, and a third comes from done") {
  const auto host = make_host();
  guest first = host->attach();
  const guest second = host->attach();
  echo_server server(*second);
  echo_server going(*first);
  std::optional<guest> third;
  echo_end client;
  client.opened = [](stream& s) { (void)write(s, "still there?"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.close(seconds(10));
    server.listening->close();
  };
  first->detach([&] {
    first.destroy();
    third.emplace(host->attach());
    (void)(*third)->connect(server.where, client);
  });
  host->run();
  CHECK(going.listener_closes == 1);
  CHECK(client.bytes == 12);
  CHECK(client.reason == error());
}

}  // namespace drywire::test
