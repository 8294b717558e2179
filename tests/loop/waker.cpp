#include "descriptors.hpp"

#include <drywire/loop/waker.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

using namespace drywire;
using namespace drywire::test;

namespace {

constexpr token wake_name{1};

struct woken_poll {
  woken_poll() : p(std::move(*drywire::poll::open())), w(std::move(*waker::open(p, wake_name))) {}

  std::size_t reports() {
    REQUIRE_FALSE(p.wait(list, duration()));
    return list.size();
  }

  drywire::poll p;
  waker w;
  readiness_list list;
};

}  // namespace

TEST_CASE("each wake is reported, without anything being drained") {
  woken_poll woken;
  CHECK(woken.reports() == 0);
  for (int i = 0; i < 3; ++i) {
    woken.w.wake();
    CHECK(woken.reports() == 1);
    CHECK(woken.list.begin()->name() == wake_name);
    CHECK(woken.list.begin()->readable());
    CHECK(woken.reports() == 0);
  }
}

TEST_CASE("wakes that nobody waited for are reported as one") {
  woken_poll woken;
  for (int i = 0; i < 1000; ++i) woken.w.wake();
  CHECK(woken.reports() == 1);
  CHECK(woken.reports() == 0);
}

TEST_CASE("a wake from another thread ends a wait") {
  woken_poll woken;
  std::thread other([&] { woken.w.wake(); });
  REQUIRE_FALSE(woken.p.wait(woken.list, std::nullopt));
  CHECK(woken.list.size() == 1);
  other.join();
}

TEST_CASE("no wake is lost among several threads") {
  woken_poll woken;
  constexpr int wakes = 2000;
  std::vector<std::thread> threads;
  std::atomic<int> sent = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < wakes; ++i) {
        ++sent;
        woken.w.wake();
      }
    });
  }
  // Each wait ends, because a wake follows whatever `sent` was read last.
  while (sent < 4 * wakes) REQUIRE_FALSE(woken.p.wait(woken.list, std::nullopt));
  for (std::thread& t : threads) t.join();
}

TEST_CASE("a waker moves, and leaves no descriptor behind") {
  const std::size_t before = open_descriptors();
  {
    woken_poll woken;
    waker moved = std::move(woken.w);
    moved.wake();
    CHECK(woken.reports() == 1);
    woken.w = std::move(moved);
    woken.w.wake();
    CHECK(woken.reports() == 1);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a waker leaves errno alone, as signal handlers need it") {
  woken_poll woken;
  errno = 4711;
  woken.w.wake();
  CHECK(errno == 4711);
}
