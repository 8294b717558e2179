// The libuv backend as a guest: the uv_loop_t is the application's, which runs it and has work of
// its own in it.
#include "echo.hpp"

#include <drywire/uv/uv.hpp>

#include <uv.h>

#include <cerrno>
#include <csignal>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace drywire {
namespace {

using test::echo_end;
using test::echo_server;
using test::text_of;
using test::write;

// The application's loop. It can't be closed while anything in it is left: that is the check.
struct host_loop {
  host_loop() { REQUIRE(uv_loop_init(&loop) == 0); }
  host_loop(const host_loop&) = delete;
  host_loop& operator=(const host_loop&) = delete;
  ~host_loop() {
    uv_run(&loop, UV_RUN_NOWAIT);
    CHECK(uv_loop_close(&loop) == 0);
  }
  void run() { CHECK(uv_run(&loop, UV_RUN_DEFAULT) == 0); }

  uv_loop_t loop{};
};

// The application's own timer, which ticks and may do something at each tick.
struct host_timer {
  explicit host_timer(host_loop& host) {
    uv_timer_init(&host.loop, &handle);
    handle.data = this;
  }
  host_timer(const host_timer&) = delete;
  host_timer& operator=(const host_timer&) = delete;
  ~host_timer() {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle), nullptr);
    uv_run(handle.loop, UV_RUN_NOWAIT);
  }

  void tick(int times, std::function<void(int)> then) {
    times_max = times;
    work = std::move(then);
    const auto on_tick = [](uv_timer_t* h) {
      auto& self = *static_cast<host_timer*>(h->data);
      if (++self.ticks == self.times_max) uv_timer_stop(h);
      self.work(self.ticks);
    };
    uv_timer_start(&handle, on_tick, 1, 1);
  }

  uv_timer_t handle{};
  std::function<void(int)> work;
  int times_max = 0;
  int ticks = 0;
};

struct test_turn_end final : turn_end {
  explicit test_turn_end(std::function<void()> f) : work(std::move(f)) {}
  ~test_turn_end() override { cancel(); }
  void on_turn_end() noexcept override { work(); }
  std::function<void()> work;
};

struct test_timer final : timer {
  explicit test_timer(std::function<void()> f) : work(std::move(f)) {}
  ~test_timer() override { cancel(); }
  void on_timer() noexcept override { work(); }
  std::function<void()> work;
};

}  // namespace

TEST_CASE("an attached loop leaves the running to the application") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  REQUIRE(loop);
  CHECK(loop->name() == "uv");
  CHECK(loop->run() == std::errc::not_supported);
  CHECK_FALSE(loop->run_once(milliseconds(1)));
  loop->stop();
  host.run();
}

TEST_CASE("streams and the application's own timer run in one uv_loop_t") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  host_timer timer(host);
  timer.tick(20, [](int) {});

  echo_end client;
  std::string heard;
  client.opened = [](stream& s) { CHECK(write(s, "hello") == 5); };
  client.arrived = [&](stream& s, lent_buffer& lent) {
    heard += text_of(lent.bytes());
    if (heard.size() == 5) s.shutdown_write();
  };
  client.closed = [&] { server.listening->close(); };
  (void)loop->connect(server.where, client);
  host.run();

  CHECK(heard == "hello");
  CHECK(timer.ticks == 20);
  REQUIRE(server.ends.size() == 1);
  for (const echo_end* end : {&client, &server.ends.front()}) {
    CHECK(end->bytes == 5);
    CHECK(end->eofs == 1);
    CHECK(end->writables == 0);
    CHECK(end->closes == 1);
    CHECK(end->reason == error());
  }
  CHECK(client.opens == 1);
  CHECK(server.listener_closes == 1);
}

TEST_CASE("what the application puts off outside of callbacks runs, once a request") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  std::vector<std::string> order;
  test_turn_end drain([&] { order.emplace_back("drain"); });
  host_timer timer(host);
  timer.tick(2, [&](int tick) {
    order.push_back("tick " + std::to_string(tick));
    loop->core().at_turn_end(drain);
    loop->core().at_turn_end(drain);
  });
  host.run();
  CHECK(order == std::vector<std::string>{"tick 1", "drain", "tick 2", "drain"});
}

TEST_CASE("what is put off before the loop runs is enough to make it run") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  int drained = 0;
  test_turn_end drain([&] { ++drained; });
  loop->core().at_turn_end(drain);
  host.run();
  CHECK(drained == 1);
}

TEST_CASE("a write from the application's callback, outside of ours, goes at once") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  echo_end client;
  stream* open = nullptr;
  client.opened = [&](stream& s) { open = &s; };
  client.arrived = [&](stream& s, lent_buffer&) { s.close(seconds(10)); };
  client.closed = [&] { open = nullptr; };
  (void)loop->connect(server.where, client);
  host_timer timer(host);
  bool written = false;
  timer.tick(1000, [&](int) {
    if (open == nullptr || written) return;
    written = true;
    CHECK(write(*open, "late") == 4);
    server.listening->close();
    uv_timer_stop(&timer.handle);
  });
  host.run();
  CHECK(written);
  CHECK(client.bytes == 4);
  CHECK(client.reason == error());
}

TEST_CASE("a close from the application's callback is told later, never within it") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  echo_end client;
  stream& connecting = loop->connect(server.where, client);
  host_timer timer(host);
  timer.tick(1, [&](int) {
    connecting.abort();
    server.listening->close();
    CHECK(client.closes == 0);
    CHECK(server.listener_closes == 0);
  });
  host.run();
  CHECK(client.closes == 1);
  CHECK(server.listener_closes == 1);
}

TEST_CASE("a lent block that was taken stays as it is while others are filled") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  echo_end client;
  block kept;
  mutable_bytes kept_bytes;
  int messages = 0;
  client.opened = [](stream& s) { (void)write(s, "first"); };
  client.arrived = [&](stream& s, lent_buffer& lent) {
    if (++messages == 1) {
      kept_bytes = lent.bytes();
      kept = lent.take();
    }
    if (messages < 5) return (void)write(s, "other");
    s.close(seconds(10));
    server.listening->close();
  };
  (void)loop->connect(server.where, client);
  host.run();
  CHECK(messages == 5);
  CHECK(text_of(kept_bytes) == "first");
  CHECK(loop->core().blocks().held() == 1);
  kept = {};
  CHECK(loop->core().blocks().held() == 0);
}

TEST_CASE("a guest that goes while the host runs leaves nothing behind") {
  host_loop host;
  auto loop = attach_uv(host.loop);
  auto server = std::make_unique<echo_server>(*loop);
  auto clients = std::make_unique<std::list<echo_end>>(10);
  for (echo_end& client : *clients) (void)loop->connect(server->where, client);
  auto late = std::make_unique<test_timer>([] { FAIL("a timer of a loop that is gone"); });
  loop->core().arm(*late, loop->time().steady + seconds(3600));
  const loop_remote remote = loop->core().remote();

  host_timer timer(host);
  bool told_all = false;
  timer.tick(50, [&](int tick) {
    if (tick != 25) return;
    REQUIRE(server->ends.size() == 10);
    // Some with a connect, a bounce chunk or a close under way.
    echo_end& connecting = clients->emplace_back();
    (void)loop->connect(server->where, connecting);
    loop.reset();
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
  host.run();

  CHECK(told_all);
  CHECK(timer.ticks == 50);
  CHECK_FALSE(remote.post([] {}));
}

TEST_CASE("a guest that goes with writes and closes under way leaves nothing behind") {
  host_loop host;
  auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  std::list<echo_end> clients(2);
  std::vector<stream*> open;
  for (echo_end& client : clients) {
    client.opened = [&](stream& s) { open.push_back(&s); };
    open.reserve(2);
    (void)loop->connect(server.where, client);
  }
  while (open.size() != 2 || server.ends.size() != 2) uv_run(&host.loop, UV_RUN_ONCE);
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
  loop.reset();
  for (const echo_end& client : clients) {
    CHECK(client.closes == 1);
    CHECK(client.reason == std::errc::operation_canceled);
  }
}

TEST_CASE("a guest may go before the host's loop has ever run") {
  host_loop host;
  auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  echo_end client;
  (void)loop->connect(server.where, client);
  test_timer never([] { FAIL("nothing ran"); });
  loop->core().arm(never, loop->time().steady + seconds(3600));
  CHECK(loop->core().post([] { FAIL("nothing ran"); }));
  loop.reset();
  CHECK(client.closes == 1);
  CHECK(client.reason == std::errc::operation_canceled);
  CHECK(uv_loop_close(&host.loop) == UV_EBUSY);
  host.run();
}

TEST_CASE("two guests in one uv_loop_t, one of which goes, and a third that comes") {
  host_loop host;
  auto first = attach_uv(host.loop);
  const auto second = attach_uv(host.loop);
  std::unique_ptr<backend> third;
  int fired = 0;
  test_timer of_first([&] { ++fired; });
  test_timer of_second([&] { ++fired; });
  first->core().arm(of_first, first->time().steady + seconds(3600));
  second->core().arm(of_second, second->time().steady + milliseconds(5));
  host_timer timer(host);
  timer.tick(3, [&](int tick) {
    if (tick == 1) first.reset();
    if (tick == 2) third = attach_uv(host.loop);
  });
  host.run();
  CHECK(fired == 1);
}

TEST_CASE("a paused stream is woken by another thread") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  echo_end client;
  stream* paused = nullptr;
  client.opened = [&](stream& s) {
    (void)write(s, "ping");
    s.pause_reading();
    paused = &s;
  };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.close(seconds(10));
    server.listening->close();
  };
  (void)loop->connect(server.where, client);
  while (server.ends.empty() || server.ends.front().bytes != 4) uv_run(&host.loop, UV_RUN_ONCE);
  const loop_remote remote = loop->core().remote();
  std::thread other([&] { (void)remote.post([&] { paused->resume_reading(); }); });
  host.run();
  other.join();
  CHECK(client.bytes == 4);
  CHECK(client.reason == error());
}

TEST_CASE("timers of the loop fire in order and never early, also one that overtakes") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  std::vector<int> fired;
  instant due_first;
  bool early = false;
  test_timer late([&] { fired.push_back(2); });
  test_timer soon([&] {
    fired.push_back(1);
    early = loop->time().steady < due_first;
  });
  test_timer at_once([&] { fired.push_back(0); });
  test_timer cancelled([&] { fired.push_back(-1); });
  const instant start = loop->time().steady;
  due_first = start + microseconds(5300);
  loop->core().arm(cancelled, start + seconds(3600));
  loop->core().arm(late, start + milliseconds(10));
  loop->core().arm(soon, due_first);
  loop->core().arm(at_once, start);
  cancelled.cancel();
  host.run();
  CHECK(fired == std::vector{0, 1, 2});
  CHECK_FALSE(early);
}

TEST_CASE("a timer that is always due leaves the host's own timer and sockets their turn") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  echo_server server(*loop);
  test_timer greedy([] {});
  greedy.work = [&] { loop->core().arm(greedy, loop->time().steady); };
  loop->core().arm(greedy, loop->time().steady);
  host_timer timer(host);
  timer.tick(3, [](int) {});
  echo_end client;
  client.opened = [](stream& s) { (void)write(s, "ping"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.abort();
    server.listening->close();
    greedy.cancel();
  };
  (void)loop->connect(server.where, client);
  host.run();
  CHECK(client.bytes == 4);
  CHECK(timer.ticks == 3);
}

TEST_CASE("posts of other threads all run, in the order of each") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  constexpr int threads_count = 4;
  constexpr int posts = 250;
  int count = 0;
  bool in_order = true;
  std::vector<int> last(threads_count, -1);
  // Posting alone doesn't keep the host's loop running.
  test_timer keeps_running([] { FAIL("an hour has passed"); });
  loop->core().arm(keeps_running, loop->time().steady + seconds(3600));
  const std::function<void(int, int)> ran = [&](int thread, int post) {
    int& before = last[static_cast<std::size_t>(thread)];
    in_order = in_order && before + 1 == post;
    before = post;
    if (++count == threads_count * posts) keeps_running.cancel();
  };
  const loop_remote remote = loop->core().remote();
  std::vector<std::thread> threads;
  for (int t = 0; t != threads_count; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i != posts; ++i) {
        (void)remote.post([&ran, t, i] { ran(t, i); });
      }
    });
  }
  host.run();
  for (std::thread& t : threads) t.join();
  CHECK(count == threads_count * posts);
  CHECK(in_order);
}

namespace {

struct recording_signals final : signal_handler {
  void on_signal(int signal_number) noexcept override {
    numbers.push_back(signal_number);
    if (then) then();
  }
  std::vector<int> numbers;
  std::function<void()> then;
};

bool has_default_action(int signal_number) {
  struct sigaction present {};
  return ::sigaction(signal_number, nullptr, &present) == 0 && present.sa_handler == SIG_DFL;
}

}  // namespace

TEST_CASE("a signal is told in the host's run, and a handler of it doesn't keep that running") {
  host_loop host;
  const auto loop = attach_uv(host.loop);
  const auto other = make_uv();
  recording_signals signals;
  CHECK(loop->handle_signal(SIGUSR1, signals) == error());
  CHECK(loop->handle_signal(SIGUSR1, signals) == std::errc::device_or_resource_busy);
  CHECK(other->handle_signal(SIGUSR1, signals) == std::errc::device_or_resource_busy);
  CHECK(loop->handle_signal(SIGKILL, signals) == std::errc::invalid_argument);
  CHECK(loop->handle_signal(0, signals) == std::errc::invalid_argument);
  CHECK(loop->handle_signal(65, signals) == std::errc::invalid_argument);
  host.run();
  host_timer timer(host);
  timer.tick(1000, [&](int tick) {
    if (tick == 1) ::raise(SIGUSR1);
    if (!signals.numbers.empty()) uv_timer_stop(&timer.handle);
  });
  host.run();
  CHECK(signals.numbers == std::vector{SIGUSR1});
  loop->remove_signal(SIGUSR1);
  CHECK(has_default_action(SIGUSR1));
  CHECK(other->handle_signal(SIGUSR1, signals) == error());
}

TEST_CASE("SIGPIPE is ignored, also after it was handled") {
  host_loop host;
  recording_signals signals;
  {
    const auto loop = attach_uv(host.loop);
    CHECK(loop->handle_signal(SIGPIPE, signals) == error());
  }
  struct sigaction present {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &present) == 0);
  CHECK(present.sa_handler == SIG_IGN);
}

}  // namespace drywire
