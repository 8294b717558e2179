// An attached loop at work in an application's loop: the same cases for each host.
#include "attached_host.hpp"
#include "echo.hpp"
#include "nodes.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace drywire::test {

TEST_CASE("streams and the application's own timer run in one loop") {
  const auto host = make_host();
  const guest loop = host->attach();
  echo_server server(*loop);
  int ticks = 0;
  host->tick(20, [&](int) { ++ticks; });

  echo_end client;
  std::string heard;
  client.opened = [](stream& s) { CHECK(write(s, "hello") == 5); };
  client.arrived = [&](stream& s, lent_buffer& lent) {
    heard += text_of(lent.bytes());
    if (heard.size() == 5) s.shutdown_write();
  };
  client.closed = [&] { server.listening->close(); };
  (void)loop->connect(server.where, client);
  host->run();

  CHECK(heard == "hello");
  CHECK(ticks == 20);
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
  const auto host = make_host();
  const guest loop = host->attach();
  std::vector<std::string> order;
  test_turn_end drain([&] { order.emplace_back("drain"); });
  host->tick(2, [&](int tick) {
    order.push_back("tick " + std::to_string(tick));
    loop->core().at_turn_end(drain);
    loop->core().at_turn_end(drain);
  });
  host->run();
  CHECK(order == std::vector<std::string>{"tick 1", "drain", "tick 2", "drain"});
}

TEST_CASE("what is put off before the loop runs is enough to make it run") {
  const auto host = make_host();
  const guest loop = host->attach();
  int drained = 0;
  test_turn_end drain([&] { ++drained; });
  loop->core().at_turn_end(drain);
  host->run();
  CHECK(drained == 1);
}

TEST_CASE("a write from the application's callback, outside of ours, goes at once") {
  const auto host = make_host();
  const guest loop = host->attach();
  echo_server server(*loop);
  echo_end client;
  stream* open = nullptr;
  client.opened = [&](stream& s) { open = &s; };
  client.arrived = [&](stream& s, lent_buffer&) { s.close(seconds(10)); };
  client.closed = [&] { open = nullptr; };
  (void)loop->connect(server.where, client);
  bool written = false;
  host->tick(1000, [&](int) {
    if (open == nullptr || written) return;
    written = true;
    CHECK(write(*open, "late") == 4);
    server.listening->close();
    host->stop_ticking();
  });
  host->run();
  CHECK(written);
  CHECK(client.bytes == 4);
  CHECK(client.reason == error());
}

TEST_CASE("a close from the application's callback is told later, never within it") {
  const auto host = make_host();
  const guest loop = host->attach();
  echo_server server(*loop);
  echo_end client;
  stream& connecting = loop->connect(server.where, client);
  host->tick(1, [&](int) {
    connecting.abort();
    server.listening->close();
    CHECK(client.closes == 0);
    CHECK(server.listener_closes == 0);
  });
  host->run();
  CHECK(client.closes == 1);
  CHECK(server.listener_closes == 1);
}

TEST_CASE("a timer armed from the application's callback is waited for") {
  const auto host = make_host();
  const guest loop = host->attach();
  int fired = 0;
  test_timer timer([&] { ++fired; });
  instant due;
  host->tick(1, [&](int) {
    due = loop->time().steady + milliseconds(5);
    loop->core().arm(timer, due);
  });
  host->run();
  CHECK(fired == 1);
  CHECK(loop->time().steady >= due);
}

TEST_CASE("a lent block that was taken stays as it is while others are filled") {
  const auto host = make_host();
  const guest loop = host->attach();
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
  host->run();
  CHECK(messages == 5);
  CHECK(text_of(kept_bytes) == "first");
  CHECK(loop->core().blocks().held() == 1);
  kept = {};
  CHECK(loop->core().blocks().held() == 0);
}

TEST_CASE("two guests of one host talk to each other") {
  const auto host = make_host();
  const guest one = host->attach();
  const guest other = host->attach();
  echo_server server(*one);
  echo_end client;
  client.opened = [](stream& s) { (void)write(s, "over"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.close(seconds(10));
    server.listening->close();
  };
  (void)other->connect(server.where, client);
  host->run();
  CHECK(client.bytes == 4);
  CHECK(client.closes == 1);
}

TEST_CASE("a live stream keeps the host running, paused or not") {
  const auto host = make_host();
  const guest loop = host->attach();
  echo_server server(*loop);
  echo_end client;
  stream* paused = nullptr;
  client.opened = [&](stream& s) {
    (void)write(s, "ping");
    s.pause_reading();
    paused = &s;
    server.listening->close();
  };
  client.arrived = [](stream& s, lent_buffer&) { s.close(seconds(10)); };
  (void)loop->connect(server.where, client);
  while (server.ends.empty() || server.ends.front().bytes != 4) host->run_once();
  stream* served = nullptr;
  server.ends.front().arrived = [&](stream& s, lent_buffer&) {
    s.pause_reading();
    served = &s;
  };
  CHECK(write(*paused, "!") == 1);
  while (served == nullptr) host->run_once();
  // Both are paused now, and nothing else is there.
  bool resumed = false;
  std::thread other([&, remote = loop->core().remote()] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    (void)remote.post([&] {
      resumed = true;
      paused->resume_reading();
      served->resume_reading();
    });
  });
  host->run();
  CHECK(resumed);  // it didn't return before
  other.join();
  CHECK(client.bytes == 4);
  CHECK(client.reason == error());
}

TEST_CASE("a listener keeps the host running until it is closed") {
  const auto host = make_host();
  const guest loop = host->attach();
  echo_server server(*loop);
  std::thread other([&, remote = loop->core().remote()] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    (void)remote.post([&] { server.listening->close(); });
  });
  host->run();
  CHECK(server.listener_closes == 1);
  other.join();
}

TEST_CASE("timers of the loop fire in order and never early, also one that overtakes") {
  const auto host = make_host();
  const guest loop = host->attach();
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
  host->run();
  CHECK(fired == std::vector{0, 1, 2});
  CHECK_FALSE(early);
}

TEST_CASE("a timer that is always due leaves the host's own timer and sockets their turn") {
  const auto host = make_host();
  const guest loop = host->attach();
  echo_server server(*loop);
  test_timer greedy([] {});
  greedy.work = [&] { loop->core().arm(greedy, loop->time().steady); };
  loop->core().arm(greedy, loop->time().steady);
  int ticks = 0;
  host->tick(3, [&](int) { ++ticks; });
  echo_end client;
  client.opened = [](stream& s) { (void)write(s, "ping"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    s.abort();
    server.listening->close();
    greedy.cancel();
  };
  (void)loop->connect(server.where, client);
  host->run();
  CHECK(client.bytes == 4);
  CHECK(ticks == 3);
}

TEST_CASE("posts of other threads all run, in the order of each") {
  const auto host = make_host();
  const guest loop = host->attach();
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
  host->run();
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

}  // namespace

TEST_CASE("a signal is told in the host's run, and no longer keeps that once removed") {
  const auto host = make_host();
  const guest loop = host->attach();
  const guest other = host->attach();
  recording_signals signals;
  signals.then = [&] {
    loop->remove_signal(SIGUSR1);
    host->stop_ticking();
  };
  CHECK(loop->handle_signal(SIGUSR1, signals) == error());
  CHECK(loop->handle_signal(SIGUSR1, signals) == std::errc::device_or_resource_busy);
  CHECK(other->handle_signal(SIGUSR1, signals) == std::errc::device_or_resource_busy);
  ::raise(SIGUSR1);
  CHECK(signals.numbers.empty());
  host->tick(10'000, [](int) {});
  host->run();
  CHECK(signals.numbers == std::vector{SIGUSR1});
  CHECK(other->handle_signal(SIGUSR1, signals) == error());
}

}  // namespace drywire::test
