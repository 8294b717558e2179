#include "descriptors.hpp"
#include "tested_selector.hpp"

#include <drywire/loop/waker.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

using namespace drywire;
using namespace drywire::test;

namespace {

constexpr token wake_name{1};

struct woken_poll {
  woken_poll() : p(open_poll()), w(std::move(*waker::open(p, wake_name))) {}

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
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20'000; ++i) woken.w.wake();  // more than a pipe holds
    CHECK(woken.reports() == 1);
    CHECK(woken.reports() == 0);
  }
}

TEST_CASE("a wake that the list had no room for is reported by the next wait") {
  woken_poll woken;
  waker other = std::move(*waker::open(woken.p, token{2}));
  woken.list = readiness_list(1);
  woken.w.wake();
  other.wake();
  CHECK(woken.reports() == 1);
  const token first = woken.list.begin()->name();
  CHECK(woken.reports() == 1);
  CHECK(woken.list.begin()->name() != first);
  CHECK(woken.reports() == 0);
}

TEST_CASE("a waker that is gone is not reported") {
  woken_poll woken;
  {
    waker gone = std::move(*waker::open(woken.p, token{2}));
    gone.wake();
  }
  CHECK(woken.reports() == 0);
  woken.w.wake();
  CHECK(woken.reports() == 1);
  CHECK(woken.list.begin()->name() == wake_name);
}

TEST_CASE("a waker may outlive its poll") {
  waker w;
  {
    woken_poll woken;
    w = std::move(woken.w);
  }
  for (int i = 0; i < 20'000; ++i) w.wake();
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

TEST_CASE("what there are too few descriptors for is refused, and leaves none behind") {
  const std::size_t before = open_descriptors();
  std::size_t needed = 0;
  for (;; ++needed) {
    REQUIRE(needed < 10);
    const scarce_descriptors scarce(needed);
    auto p = drywire::poll::open(tested_selector());
    if (!p) {
      CHECK(p.error() == error(EMFILE));
      continue;
    }
    const auto w = waker::open(*p, wake_name);
    if (w) break;
    CHECK(w.error() == error(EMFILE));
    CHECK(ready_now(*p).empty());
  }
  CHECK(needed >= 2);
  CHECK(open_descriptors() == before);
}

TEST_CASE("a waker leaves errno alone, as signal handlers need it") {
  woken_poll woken;
  errno = 4711;
  woken.w.wake();
  CHECK(errno == 4711);
}

namespace {

waker* woken_by_signal = nullptr;

}  // namespace

TEST_CASE("a signal handler may wake") {
  woken_poll woken;
  woken_by_signal = &woken.w;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { woken_by_signal->wake(); };
  REQUIRE(::sigaction(SIGALRM, &action, &before) == 0);
  for (int i = 0; i < 20'000; ++i) ::raise(SIGALRM);
  CHECK(woken.reports() == 1);
  ::sigaction(SIGALRM, &before, nullptr);
}
