#include "descriptors.hpp"
#include "tested_selector.hpp"

#include <drywire/loop/poll.hpp>

#include <catch2/catch_test_macros.hpp>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <set>
#include <vector>

using namespace drywire;
using namespace drywire::test;

namespace {

constexpr token a_name{7};
constexpr token b_name{8};

}  // namespace

TEST_CASE("a descriptor that is ready already is reported when it is added, once") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == a_name);
  CHECK(ready[0].readable());
  CHECK_FALSE(ready[0].writable());
  CHECK_FALSE(ready[0].read_closed());
  CHECK_FALSE(ready[0].error());
  CHECK(ready_now(p).empty());
}

TEST_CASE("new bytes are reported once the old ones were read") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).empty());
  for (int i = 0; i < 3; ++i) {
    pair.b.write("x");
    CHECK(ready_now(p).size() == 1);
    CHECK(pair.a.read() == "x");
    p.would_block(pair.a.get(), interest::readable);
    CHECK(ready_now(p).empty());
  }
}

TEST_CASE("bytes that came before would_block was called are reported") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).size() == 1);
  CHECK(pair.a.read() == "x");
  pair.b.write("y");
  p.would_block(pair.a.get(), interest::readable);
  CHECK(ready_now(p).size() == 1);
}

TEST_CASE("new bytes are reported again while old ones are unread") {
  skip_over("poll2", "poll(2) tells that there are bytes, not that there are new ones");
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  pair.b.write("x");
  CHECK(ready_now(p).size() == 1);
  CHECK(ready_now(p).empty());
  pair.b.write("y");
  CHECK(ready_now(p).size() == 1);
}

TEST_CASE("readable comes while writable stays reported") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::both));
  auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].writable());
  CHECK_FALSE(ready[0].readable());
  pair.b.write("x");
  ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].readable());
}

TEST_CASE("writable comes back once there is room again") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::writable));
  CHECK(ready_now(p).size() == 1);
  const std::string chunk(4096, 'x');
  std::size_t written = 0;
  while (true) {
    const ssize_t n = ::write(pair.a.get(), chunk.data(), chunk.size());
    if (n < 0) break;
    written += static_cast<std::size_t>(n);
  }
  CHECK(errno == EAGAIN);
  p.would_block(pair.a.get(), interest::writable);
  CHECK(ready_now(p).empty());
  while (written > 0) written -= pair.b.read().size();
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].writable());
}

TEST_CASE("the end of a stream is readable, and hinted at as closed for reading") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  ::shutdown(pair.b.get(), SHUT_WR);
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].readable());
  CHECK(ready[0].read_closed());
  CHECK_FALSE(ready[0].write_closed());
  CHECK(ready_now(p).empty());
}

TEST_CASE("a connection that was reset is readable, and hinted at as failed") {
  auto p = open_poll();
  auto pair = tcp_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  const linger none{1, 0};
  REQUIRE(::setsockopt(pair.b.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
  pair.b.close();
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].readable());
  CHECK(ready[0].read_closed());
  CHECK(ready[0].error());
  char byte = 0;
  CHECK(::read(pair.a.get(), &byte, 1) == -1);
  CHECK(errno == ECONNRESET);
}

TEST_CASE("the end of a pipe is readable, and a pipe without a reader writable") {
  auto p = open_poll();
  auto ends_reading = make_pipe();
  auto ends_writing = make_pipe();
  REQUIRE_FALSE(p.add(ends_reading.a.get(), a_name, interest::readable));
  REQUIRE_FALSE(p.add(ends_writing.b.get(), b_name, interest::writable));
  CHECK(ready_now(p).size() == 1);  // it is writable from the start
  p.would_block(ends_writing.b.get(), interest::writable);
  ends_reading.b.close();
  ends_writing.a.close();
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 2);
  for (const readiness& r : ready) {
    if (r.name() == a_name) {
      CHECK(r.readable());
      CHECK(r.read_closed());
    } else {
      CHECK(r.writable());
      CHECK(r.write_closed());
    }
  }
  CHECK(ready_now(p).empty());
}

TEST_CASE("more that is ready than the list holds comes with the next calls") {
  auto p = open_poll();
  std::vector<descriptor_pair> pairs(10);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = socket_pair();
    pairs[i].b.write("x");
    REQUIRE_FALSE(p.add(pairs[i].a.get(), token{i}, interest::readable));
  }
  readiness_list list(4);
  std::set<token> seen;
  for (const std::size_t expected : {4U, 4U, 2U, 0U}) {
    REQUIRE_FALSE(p.wait(list, duration()));
    CHECK(list.size() == expected);
    for (const readiness& r : list) seen.insert(r.name());
  }
  CHECK(seen.size() == 10);
}

TEST_CASE("what the list had no room for comes before what is ready once more") {
  auto p = open_poll();
  std::vector<descriptor_pair> pairs(3);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = socket_pair();
    pairs[i].b.write("x");
    REQUIRE_FALSE(p.add(pairs[i].a.get(), token{i}, interest::readable));
  }
  readiness_list list(1);
  std::vector<int> reports(3);
  for (int round = 1; round <= 3; ++round) {
    for (int i = 0; i < 3; ++i) {
      REQUIRE_FALSE(p.wait(list, duration()));
      REQUIRE(list.size() == 1);
      const auto reported = static_cast<std::size_t>(list.begin()->name());
      ++reports[reported];
      CHECK(pairs[reported].a.read() == "x");
      pairs[reported].b.write("x");
      p.would_block(pairs[reported].a.get(), interest::readable);
    }
    CHECK(reports == std::vector<int>(3, round));
  }
}

TEST_CASE("a wait never ends early, also for a timeout under a millisecond") {
  auto p = open_poll();
  readiness_list list;
  for (const duration timeout : {nanoseconds(1), microseconds(300), microseconds(2500)}) {
    const auto before = std::chrono::steady_clock::now();
    REQUIRE_FALSE(p.wait(list, timeout));
    CHECK(duration(std::chrono::steady_clock::now() - before) >= timeout);
    CHECK(list.empty());
  }
}

TEST_CASE("a timeout in the past, and one beyond what the system can count, are both fine") {
  auto p = open_poll();
  const auto pair = socket_pair();
  readiness_list list;
  REQUIRE_FALSE(p.wait(list, seconds(-1)));
  CHECK(list.empty());
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  REQUIRE_FALSE(p.wait(list, duration::max()));
  CHECK(list.size() == 1);
}

TEST_CASE("a signal ends a wait with EINTR") {
  auto p = open_poll();
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};
  REQUIRE(::sigaction(SIGALRM, &action, &before) == 0);
  // Repeatedly, in case that the first comes before the wait.
  const itimerval every_5_ms{{0, 5000}, {0, 5000}};
  REQUIRE(::setitimer(ITIMER_REAL, &every_5_ms, nullptr) == 0);
  readiness_list list;
  CHECK(p.wait(list, std::nullopt) == error(EINTR));
  CHECK(list.empty());
  const itimerval off{};
  ::setitimer(ITIMER_REAL, &off, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
}

TEST_CASE("a poll nests in another by its handle") {
  skip_over("poll2", "poll(2) has no descriptor");
  auto outer = open_poll();
  auto inner = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(inner.add(pair.a.get(), a_name, interest::readable));
  REQUIRE_FALSE(outer.add(inner.native_handle(), b_name, interest::readable));
  CHECK(ready_now(outer).empty());
  pair.b.write("x");
  const auto ready = ready_now(outer);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == b_name);
  CHECK(ready_now(inner).size() == 1);
}

TEST_CASE("a poll moves, and leaves no descriptor behind") {
  const std::size_t before = open_descriptors();
  {
    auto p = open_poll();
    const auto pair = socket_pair();
    REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
    drywire::poll moved = std::move(p);
    p = open_poll();
    pair.b.write("x");
    CHECK(ready_now(moved).size() == 1);
    CHECK(ready_now(p).empty());
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("every descriptor of a poll is close-on-exec") {
  std::set<int> before;
  for (int fd = 0; fd < 64; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) before.insert(fd);
  }
  const auto p = open_poll();
  int opened = 0;
  for (int fd = 0; fd < 64; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || before.contains(fd)) continue;
    CHECK((flags & FD_CLOEXEC) != 0);
    ++opened;
  }
  CHECK(opened > 0);
}

TEST_CASE("the selectors of this build have names, the best one first") {
  REQUIRE_FALSE(selectors().empty());
  CHECK(selectors().front().name == "epoll");
  CHECK(selectors().back().name == "poll2");
}
