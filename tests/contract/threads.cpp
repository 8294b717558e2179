// What other threads may do: post and stop.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

CONTRACT_LIST(thread_cases)

using namespace drywire;
using namespace drywire::contract;

CONTRACT_CASE("a post from another thread wakes a blocked loop", several_threads) {
  const recording_listener& listening = on.listen();  // so that run() has a reason to wait
  std::atomic<bool> running = false;
  std::thread::id ran_on;
  CHECK(on.core().post([&] { running = true; }));
  std::thread other([&, remote = on.core().remote()] {
    while (!running) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // by now it is likely to block
    (void)remote.post([&] {
      ran_on = std::this_thread::get_id();
      on.loop().stop();
    });
  });
  on.run();
  other.join();
  CHECK(ran_on == std::this_thread::get_id());
  CHECK(listening.closes == 0);
}

CONTRACT_CASE("a task posted before run runs in it, and run ends behind it") {
  std::string order;
  for (const char c : {'a', 'b', 'c'}) {
    CHECK(on.core().post([&order, c] { order += c; }));
  }
  CHECK(order.empty());
  on.run();
  CHECK(order == "abc");
}

CONTRACT_CASE("a million posts from eight threads: none is lost, each thread's in order",
              several_threads) {
  static constexpr std::uint32_t threads = 8;
  static constexpr std::uint32_t posts = 125'000;
  const recording_listener& listening = on.listen();
  struct {
    std::vector<std::uint32_t> next = std::vector<std::uint32_t>(threads);
    std::uint32_t out_of_order = 0;
    std::uint64_t total = 0;
  } ran;
  std::atomic<std::uint32_t> refused = 0;
  std::vector<std::jthread> senders;
  for (std::uint32_t t = 0; t != threads; ++t) {
    senders.emplace_back([&, t, remote = on.core().remote()] {
      for (std::uint32_t i = 0; i != posts; ++i) {
        const bool taken = remote.post([&on, &ran, t, i] {
          if (ran.next[t]++ != i) ++ran.out_of_order;
          if (++ran.total == std::uint64_t{threads} * posts) on.loop().stop();
        });
        if (!taken) ++refused;
      }
    });
  }
  on.run();
  senders.clear();
  CHECK(ran.total == std::uint64_t{threads} * posts);
  CHECK(ran.out_of_order == 0);
  CHECK(refused == 0);
  CHECK(listening.closes == 0);
}

CONTRACT_CASE("a task posted inside a task runs in the next turn") {
  std::string order;
  called_turn_end end([&] { order += 'e'; });
  CHECK(on.core().post([&] {
    order += '1';
    on.core().at_turn_end(end);
    CHECK(on.core().post([&] { order += '2'; }));
  }));
  on.run();
  CHECK(order == "1e2");
}

CONTRACT_CASE("a task that posts itself again starves nobody") {
  auto [server, peer] = on.join_peer();
  struct again {
    fixture& on;
    int& left;
    void operator()() const {
      if (left == 0) return;
      --left;
      CHECK(on.core().post(*this));
    }
  };
  int left = 1'000'000'000;
  CHECK(on.core().post(again{on, left}));
  called_timer timer;
  on.core().arm(timer, on.loop().time().steady + milliseconds(1));
  peer.write("x");
  on.run_until([&, &s = server] { return s.received == 1 && timer.fired == 1; });
  CHECK(left > 0);
  left = 0;
  on.turn();
}

CONTRACT_CASE("a post after the loop is gone is refused, and its task destroyed") {
  const loop_remote remote = on.core().remote();
  on.destroy_loop();
  const auto held = std::make_shared<int>(0);
  CHECK_FALSE(remote.post([held] { ++*held; }));
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
  remote.stop();
}

CONTRACT_CASE("posts that race with the loop's destruction run or are refused, none is both",
              several_threads) {
  for (int round = 0; round != 50; ++round) {
    auto loop = on.tested().make();
    REQUIRE(loop);
    const auto alive = std::make_shared<std::atomic<int>>(0);
    std::atomic<bool> begun = false;
    std::thread other([&, remote = loop->core().remote()] {
      do {
        begun = true;
      } while (remote.post([alive] { ++*alive; }));
    });
    while (!begun) std::this_thread::yield();
    (void)loop->run_once(duration());
    loop.reset();
    other.join();
    CHECK(alive.use_count() == 1);  // no task is left anywhere
  }
}

CONTRACT_CASE("stop from another thread ends run", several_threads) {
  const recording_listener& listening = on.listen();
  std::atomic<bool> running = false;
  CHECK(on.core().post([&] { running = true; }));
  std::thread other([&, remote = on.core().remote()] {
    while (!running) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    remote.stop();
  });
  on.run();
  other.join();
  CHECK(listening.closes == 0);
}

CONTRACT_CASE("stop races with the loop's destruction", several_threads) {
  for (int round = 0; round != 50; ++round) {
    auto loop = on.tested().make();
    REQUIRE(loop);
    std::atomic<bool> begun = false;
    std::atomic<bool> over = false;
    std::thread other([&, remote = loop->core().remote()] {
      while (!over) {
        remote.stop();
        begun = true;
      }
    });
    while (!begun) std::this_thread::yield();
    const error ended = loop->run();
    loop.reset();
    over = true;
    other.join();
    CHECK(ended == error());
  }
}

CONTRACT_CASE("two loops in two threads, each with a client of the other", several_threads,
              capability::parallel) {
  fixture other(on.tested());
  recording_listener& here = on.listen();
  recording_listener& there = other.listen();
  recording_handler& client = on.connect(there.where);
  recording_handler& other_client = other.connect(here.where);
  const auto echo = [](recording_handler& accepted) {
    accepted.then_data = [&accepted](lent_buffer& lent) {
      (void)accepted.write(as_text(lent.bytes()));
    };
    accepted.then_eof = [&accepted] { accepted.close(); };
  };
  const auto prepare = [&](recording_handler& asking, recording_listener& listening) {
    listening.then_accept = [&listening, echo](recording_handler& accepted) {
      echo(accepted);
      listening.close();
    };
    asking.then_open = [&asking] { (void)asking.write("ping"); };
    asking.then_data = [&asking](lent_buffer&) {
      if (asking.received == 400) return asking.shutdown();
      (void)asking.write("ping");
    };
  };
  prepare(client, here);
  prepare(other_client, there);
  error other_ended;
  std::thread thread([&] { other_ended = other.loop().run(); });
  const error ended = on.loop().run();
  thread.join();
  CHECK(ended == error());
  CHECK(other_ended == error());
  CHECK(client.received == 400);
  CHECK(other_client.received == 400);
  other.tear_down();
}

CONTRACT_CASE("a loop made in one thread may run in another", several_threads) {
  recording_listener& listening = on.listen();
  const raw_peer peer(listening.where);
  peer.write("hello");
  listening.then_accept = [&](recording_handler& accepted) {
    accepted.then_data = [&](lent_buffer&) { on.loop().stop(); };
  };
  error ended(EINVAL);
  std::thread thread([&] { ended = on.loop().run(); });
  thread.join();
  CHECK(ended == error());
  REQUIRE(listening.streams.size() == 1);
  CHECK(listening.streams[0]->text == "hello");
}
