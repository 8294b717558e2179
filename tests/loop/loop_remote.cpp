#include "fake_host.hpp"

#include <catch2/catch_test_macros.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace drywire;
using drywire::test::fake_host;

TEST_CASE("tasks run in order, and what they post runs in the next turn") {
  fake_host host;
  std::vector<int> ran;
  CHECK(host.core.post([&] {
    ran.push_back(1);
    CHECK(host.core.in_scope());
    CHECK(host.core.post([&] { ran.push_back(3); }));
  }));
  CHECK(host.core.post([&] { ran.push_back(2); }));
  CHECK(host.wakes == 1);
  host.core.turn();
  CHECK(ran == std::vector{1, 2});
  CHECK(host.wakes == 2);
  CHECK(host.core.next_deadline() < instant{});
  host.core.turn();
  CHECK(ran == std::vector{1, 2, 3});
}

TEST_CASE("a task is destroyed once it has run") {
  fake_host host;
  auto capture = std::make_shared<int>(0);
  CHECK(host.core.post([capture] { ++*capture; }));
  CHECK(host.core.post([&] { CHECK(capture.use_count() == 1); }));
  CHECK(capture.use_count() == 2);
  host.core.turn();
  CHECK(*capture == 1);
  CHECK(capture.use_count() == 1);
}

TEST_CASE("after shutdown, post answers false and the waiting tasks die unrun") {
  auto capture = std::make_shared<int>(0);
  std::optional<fake_host> host(std::in_place);
  const loop_remote remote = host->core.remote();
  CHECK(remote.post([capture] { ++*capture; }));
  host->core.shut_down();
  CHECK(capture.use_count() == 1);
  CHECK_FALSE(remote.post([capture] { ++*capture; }));
  host->core.turn();
  remote.stop();
  CHECK(host->stops == 0);
  host.reset();
  CHECK_FALSE(remote.post([capture] { ++*capture; }));
  remote.stop();
  CHECK(*capture == 0);
  CHECK(capture.use_count() == 1);
}

TEST_CASE("a task that dies unrun may post from its capture's destructor") {
  struct posts_when_it_dies {
    explicit posts_when_it_dies(loop_remote to) : remote(std::move(to)) {}
    ~posts_when_it_dies() {
      accepted = remote.post([] {}) ? 1 : 0;
    }
    loop_remote remote;
    int& accepted = result();
    static int& result() {
      static int value = -1;
      return value;
    }
  };
  fake_host host;
  auto capture = std::make_unique<posts_when_it_dies>(host.core.remote());
  CHECK(host.core.post([capture = std::move(capture)] { (void)capture; }));
  host.core.shut_down();
  CHECK(posts_when_it_dies::result() == 0);
}

TEST_CASE("stop reaches the host from any thread") {
  fake_host host;
  std::thread([remote = host.core.remote()] { remote.stop(); }).join();
  CHECK(host.stops == 1);
}

namespace {

// A host that sleeps until it is woken.
class sleeping_host final : public loop_host {
 public:
  sleeping_host() : core(*this) {}
  ~sleeping_host() { core.shut_down(); }

  void wake() noexcept override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_one();
  }
  void set_deadline(instant) noexcept override {}
  void stop() noexcept override {}

  void wait_and_turn() {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return woken_; });
      woken_ = false;
    }
    core.turn();
  }

  loop_core core;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

}  // namespace

TEST_CASE("of a million tasks from eight threads none is lost and each thread's stay in order") {
  constexpr int threads = 8;
  constexpr int tasks_each = 125'000;
  sleeping_host host;
  std::vector<int> next(threads, 0);
  int out_of_order = 0;
  int ran = 0;
  std::vector<std::thread> posters;
  for (int t = 0; t < threads; ++t) {
    posters.emplace_back([&, t] {
      for (int i = 0; i < tasks_each; ++i) {
        while (!host.core.remote().post([&, t, i] {
          out_of_order += next[static_cast<std::size_t>(t)]++ == i ? 0 : 1;
          ++ran;
        })) {
        }
      }
    });
  }
  while (ran < threads * tasks_each) host.wait_and_turn();
  for (std::thread& poster : posters) poster.join();
  CHECK(ran == threads * tasks_each);
  CHECK(out_of_order == 0);
}

TEST_CASE("posting races with the loop's end: each task runs or is refused or dies unrun") {
  for (int round = 0; round < 200; ++round) {
    auto capture = std::make_shared<int>(0);
    auto host = std::make_unique<sleeping_host>();
    const loop_remote remote = host->core.remote();
    std::thread poster([remote, capture] {
      while (remote.post([held = capture] { (void)held; })) {
      }
    });
    host->wait_and_turn();
    host.reset();
    poster.join();
    REQUIRE(capture.use_count() == 1);
  }
}
