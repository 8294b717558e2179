// The Asio backend as a guest: the io_context is the application's, which runs it and has work of
// its own in it.
#include "asio_include.hpp"
#include "echo.hpp"

#include <drywire/asio/asio.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace drywire {
namespace {

using test::echo_end;
using test::echo_server;
using test::text_of;
using test::write;

// The application's own timer, which ticks and may do something at each tick.
class host_timer {
 public:
  explicit host_timer(net::io_context& context) : timer_(context) {}

  void tick(int times, std::function<void(int)> work) {
    work_ = std::move(work);
    times_ = times;
    arm();
  }
  [[nodiscard]] int ticks() const { return ticks_; }

 private:
  using clock = std::chrono::steady_clock;

  void arm() {
    timer_.expires_after(std::chrono::milliseconds(1));
    timer_.async_wait([this](const net_error& failure) {
      if (failure) return;
      work_(++ticks_);
      if (ticks_ < times_) arm();
    });
  }

  net::basic_waitable_timer<clock> timer_;
  std::function<void(int)> work_;
  int times_ = 0;
  int ticks_ = 0;
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
  net::io_context context;
  const auto loop = attach_asio(context);
  CHECK(loop->name() == "asio");
  CHECK(loop->run() == std::errc::not_supported);
  CHECK_FALSE(loop->run_once(milliseconds(1)));
  CHECK(context.run() == 0);
}

TEST_CASE("streams and the application's own timer run in one io_context") {
  net::io_context context;
  const auto loop = attach_asio(context);
  echo_server server(*loop);
  host_timer host(context);
  host.tick(20, [](int) {});

  echo_end client;
  std::string heard;
  client.opened = [](stream& s) { CHECK(write(s, "hello") == 5); };
  client.arrived = [&](stream& s, lent_buffer& lent) {
    heard += text_of(lent.bytes());
    if (heard.size() == 5) s.shutdown_write();
  };
  client.closed = [&] { server.listening->close(); };
  (void)loop->connect(server.where, client);
  context.run();

  CHECK(heard == "hello");
  CHECK(host.ticks() == 20);
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
  net::io_context context;
  const auto loop = attach_asio(context);
  std::vector<std::string> order;
  test_turn_end drain([&] { order.emplace_back("drain"); });
  host_timer host(context);
  host.tick(2, [&](int tick) {
    order.push_back("tick " + std::to_string(tick));
    loop->core().at_turn_end(drain);
    loop->core().at_turn_end(drain);
  });
  context.run();
  CHECK(order == std::vector<std::string>{"tick 1", "drain", "tick 2", "drain"});
}

TEST_CASE("a write from the application's handler, outside of callbacks, goes at once") {
  net::io_context context;
  const auto loop = attach_asio(context);
  echo_server server(*loop);
  echo_end client;
  stream* open = nullptr;
  client.opened = [&](stream& s) { open = &s; };
  client.arrived = [&](stream& s, lent_buffer&) { s.close(seconds(10)); };
  client.closed = [&] { open = nullptr; };
  (void)loop->connect(server.where, client);
  host_timer host(context);
  bool written = false;
  host.tick(1000, [&](int) {
    if (open == nullptr || written) return;
    written = true;
    CHECK(write(*open, "late") == 4);
    server.listening->close();
  });
  context.run();
  CHECK(written);
  CHECK(client.bytes == 4);
  CHECK(client.reason == error());
}

TEST_CASE("a lent block that was taken stays as it is while others are filled") {
  net::io_context context;
  const auto loop = attach_asio(context);
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
  context.run();
  CHECK(messages == 5);
  CHECK(text_of(kept_bytes) == "first");
  CHECK(loop->core().blocks().held() == 1);
  kept = {};
  CHECK(loop->core().blocks().held() == 0);
}

TEST_CASE("a guest that goes while the host runs leaves nothing behind") {
  net::io_context context;
  auto loop = attach_asio(context);
  auto server = std::make_unique<echo_server>(*loop);
  auto clients = std::make_unique<std::list<echo_end>>(10);
  for (echo_end& client : *clients) (void)loop->connect(server->where, client);
  auto late = std::make_unique<test_timer>([] { FAIL("a timer of a loop that is gone"); });
  loop->core().arm(*late, loop->time().steady + seconds(3600));
  const loop_remote remote = loop->core().remote();

  host_timer host(context);
  bool told_all = false;
  host.tick(50, [&](int tick) {
    if (tick != 25) return;
    REQUIRE(server->ends.size() == 10);
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
  context.run();

  CHECK(told_all);
  CHECK(host.ticks() == 50);
  CHECK_FALSE(remote.post([] {}));
}

TEST_CASE("an io_context that never runs again may die with the cancelled handlers in it") {
  auto context = std::make_unique<net::io_context>();
  auto loop = attach_asio(*context);
  echo_server server(*loop);
  echo_end client;
  (void)loop->connect(server.where, client);
  test_timer never([] { FAIL("nothing ran"); });
  loop->core().arm(never, loop->time().steady + seconds(3600));
  CHECK(loop->core().post([] { FAIL("nothing ran"); }));
  loop.reset();
  CHECK(client.closes == 1);
  CHECK(client.reason == std::errc::operation_canceled);
  context.reset();
}

TEST_CASE("a paused stream keeps the io_context running, and is woken by another thread") {
  net::io_context context;
  const auto loop = attach_asio(context);
  echo_server server(*loop);
  echo_end client;
  stream* paused = nullptr;
  client.opened = [&](stream& s) {
    (void)write(s, "ping");
    s.pause_reading();
    paused = &s;
    server.listening->close();
  };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.close(seconds(10));
    paused = nullptr;
  };
  (void)loop->connect(server.where, client);
  // The server's stream is as idle as the client's by then.
  while (server.ends.empty() || server.ends.front().bytes != 4) REQUIRE(context.run_one() == 1);
  const loop_remote remote = loop->core().remote();
  std::jthread other([&] { (void)remote.post([&] { paused->resume_reading(); }); });
  context.run();
  CHECK(client.bytes == 4);
  CHECK(client.reason == error());
}

TEST_CASE("timers of the loop fire in order and never early, also one that overtakes") {
  net::io_context context;
  const auto loop = attach_asio(context);
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
  due_first = start + milliseconds(5);
  loop->core().arm(cancelled, start + seconds(3600));
  loop->core().arm(late, start + milliseconds(10));
  loop->core().arm(soon, due_first);
  loop->core().arm(at_once, start);
  cancelled.cancel();
  context.run();
  CHECK(fired == std::vector{0, 1, 2});
  CHECK_FALSE(early);
}

TEST_CASE("a thousand posts from four threads all run") {
  net::io_context context;
  const auto loop = attach_asio(context);
  auto work = std::make_optional(net::make_work_guard(context));
  int ran = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  const loop_remote remote = loop->core().remote();
  for (int t = 0; t != 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i != 250; ++i) {
        const bool taken = remote.post([&] {
          if (++ran == 1000) work.reset();
        });
        if (!taken) ++refused;
      }
    });
  }
  context.run();
  threads.clear();
  CHECK(ran == 1000);
  CHECK(refused == 0);
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

}  // namespace

TEST_CASE("a signal is told in the application's run, and no longer keeps that once removed") {
  net::io_context context;
  const auto loop = attach_asio(context);
  const auto other = make_asio();
  recording_signals signals;
  signals.then = [&] { loop->remove_signal(SIGUSR1); };
  CHECK(loop->handle_signal(SIGUSR1, signals) == error());
  CHECK(loop->handle_signal(SIGUSR1, signals) == std::errc::device_or_resource_busy);
  CHECK(other->handle_signal(SIGUSR1, signals) == std::errc::device_or_resource_busy);
  CHECK(loop->handle_signal(SIGKILL, signals) == std::errc::invalid_argument);
  CHECK(loop->handle_signal(0, signals) == std::errc::invalid_argument);
  ::raise(SIGUSR1);
  CHECK(signals.numbers.empty());
  context.run();
  CHECK(signals.numbers == std::vector{SIGUSR1});
  CHECK(other->handle_signal(SIGUSR1, signals) == error());
}

TEST_CASE("a handled signal doesn't keep run() from returning, and may come again") {
  const auto loop = make_asio();
  recording_signals signals;
  CHECK(loop->handle_signal(SIGUSR1, signals) == error());
  CHECK(loop->run() == error());
  for (std::size_t i = 1; i != 4; ++i) {
    ::raise(SIGUSR1);
    while (signals.numbers.size() < i) (void)loop->run_once(seconds(1));
  }
  CHECK(signals.numbers == std::vector{SIGUSR1, SIGUSR1, SIGUSR1});
}

TEST_CASE("two loops share an io_context") {
  net::io_context context;
  const auto one = attach_asio(context);
  const auto other = attach_asio(context);
  echo_server server(*one);
  echo_end client;
  client.opened = [](stream& s) { (void)write(s, "over"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.close(seconds(10));
    server.listening->close();
  };
  (void)other->connect(server.where, client);
  context.run();
  CHECK(client.bytes == 4);
  CHECK(client.closes == 1);
}

}  // namespace drywire
