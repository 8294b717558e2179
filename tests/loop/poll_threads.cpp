// A poll that other threads change while one waits in it.
#include "descriptors.hpp"
#include "tested_selector.hpp"

#include <drywire/loop/poll.hpp>
#include <drywire/loop/waker.hpp>

#include <catch2/catch_test_macros.hpp>
#include <poll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>
#include <vector>

using namespace drywire;
using namespace drywire::test;

namespace {

constexpr token a_name{7};
constexpr token b_name{8};
constexpr token wake_name{9};

// Catch2's macros are for one thread.
void must(error failed) {
  if (failed) std::abort();
}

// Runs `change` once the other thread waits, most likely.
template <class Change>
std::thread during_wait(Change change) {
  return std::thread([change] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    change();
  });
}

// The one name that a wait without end reports.
token awaited(drywire::poll& p) {
  readiness_list list;
  REQUIRE_FALSE(p.wait(list, std::nullopt));
  REQUIRE(by_name(list).size() == 1);
  return list.begin()->name();
}

}  // namespace

TEST_CASE("a descriptor can be added by another thread while a wait goes on") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  std::thread other = during_wait([&] { must(p.add(pair.a.get(), a_name, interest::readable)); });
  CHECK(awaited(p) == a_name);
  other.join();
}

TEST_CASE("modify by another thread reports what is ready in the wait that goes on") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).size() == 1);
  std::thread other =
      during_wait([&] { must(p.modify(pair.a.get(), b_name, interest::readable)); });
  CHECK(awaited(p) == b_name);
  other.join();
}

TEST_CASE("would_block by another thread takes effect in the wait that goes on") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).size() == 1);
  std::thread other = during_wait([&] {
    (void)pair.a.read();
    pair.b.write("y");
    p.would_block(pair.a.get(), interest::readable);
  });
  CHECK(awaited(p) == a_name);
  other.join();
}

TEST_CASE("a name that another thread changes during the wait is the one reported") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  std::thread other = during_wait([&] {
    must(p.modify(pair.a.get(), b_name, interest::readable));
    pair.b.write("x");
  });
  CHECK(awaited(p) == b_name);
  other.join();
}

TEST_CASE("what another thread removes is silent in the wait that goes on") {
  auto p = open_poll();
  const auto removed = socket_pair();
  const auto kept = socket_pair();
  REQUIRE_FALSE(p.add(removed.a.get(), a_name, interest::readable));
  REQUIRE_FALSE(p.add(kept.a.get(), b_name, interest::readable));
  std::thread other = during_wait([&] {
    must(p.remove(removed.a.get()));
    removed.b.write("x");
    kept.b.write("x");
  });
  CHECK(awaited(p) == b_name);
  other.join();
}

TEST_CASE("a descriptor that is removed and closed during a wait ends for its peer at once") {
  auto p = open_poll();
  auto w = std::move(*waker::open(p, wake_name));
  auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  pollfd peer{pair.b.get(), POLLIN, 0};
  int ended = 0;
  std::thread other = during_wait([&] {
    must(p.remove(pair.a.get()));
    pair.a.close();
    ended = ::poll(&peer, 1, 10'000);
    w.wake();
  });
  CHECK(awaited(p) == wake_name);
  other.join();
  CHECK(ended == 1);
}

TEST_CASE("changes by another thread don't end a wait early") {
  auto p = open_poll();
  const auto pair = socket_pair();
  std::atomic<bool> over = false;
  std::thread other([&] {
    while (!over) {
      must(p.add(pair.a.get(), a_name, interest::readable));
      must(p.remove(pair.a.get()));
    }
  });
  readiness_list list;
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(p.wait(list, milliseconds(30)));
  CHECK(duration(std::chrono::steady_clock::now() - before) >= milliseconds(30));
  CHECK(list.empty());
  over = true;
  other.join();
}

TEST_CASE("no byte goes unreported while other threads change the set") {
  constexpr int threads_max = 3;
  constexpr int rounds = 500;
  auto p = open_poll();
  std::array<descriptor_pair, threads_max> pairs;
  std::array<std::atomic<int>, threads_max> seen{};
  std::vector<std::thread> threads;
  for (auto& pair : pairs) pair = socket_pair();
  for (std::size_t t = 0; t < pairs.size(); ++t) {
    threads.emplace_back([&, t] {
      const int fd = pairs[t].a.get();
      must(p.add(fd, token{t}, interest::readable));
      for (int round = 1; round <= rounds; ++round) {
        if (round % 3 == 0) must(p.modify(fd, token{t}, interest::readable));
        if (round % 7 == 0) must(p.remove(fd));
        if (::write(pairs[t].b.get(), "x", 1) != 1) std::abort();
        if (round % 7 == 0) must(p.add(fd, token{t}, interest::readable));
        while (seen[t] < round) std::this_thread::yield();
      }
    });
  }
  readiness_list list;
  for (int total = 0; total < threads_max * rounds;) {
    REQUIRE_FALSE(p.wait(list, std::nullopt));
    for (const readiness& r : list) {
      const auto t = static_cast<std::size_t>(r.name());
      while (!pairs[t].a.read(1).empty()) {
        ++seen[t];
        ++total;
      }
      p.would_block(pairs[t].a.get(), interest::readable);
    }
  }
  for (std::thread& t : threads) t.join();
}
