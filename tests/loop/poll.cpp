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

TEST_CASE("modify reports what is ready again, under the new name") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).size() == 1);
  REQUIRE_FALSE(p.modify(pair.a.get(), b_name, interest::both));
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == b_name);
  CHECK(ready[0].readable());
  CHECK(ready[0].writable());
  CHECK(ready_now(p).empty());
}

TEST_CASE("modify silences the direction that is no longer wanted") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::both));
  REQUIRE_FALSE(p.modify(pair.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).empty());
  p.would_block(pair.a.get(), interest::writable);
  CHECK(ready_now(p).empty());
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

TEST_CASE("a removed descriptor is silent and can be added again") {
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  REQUIRE_FALSE(p.remove(pair.a.get()));
  pair.b.write("x");
  CHECK(ready_now(p).empty());
  REQUIRE_FALSE(p.add(pair.a.get(), b_name, interest::readable));
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == b_name);
}

TEST_CASE("a descriptor is removed whichever directions were wanted of it") {
  auto p = open_poll();
  const auto pair = socket_pair();
  pair.b.write("x");
  for (const interest wanted : {interest::readable, interest::writable, interest::both}) {
    REQUIRE_FALSE(p.add(pair.a.get(), a_name, wanted));
    CHECK_FALSE(p.remove(pair.a.get()));
    CHECK(p.remove(pair.a.get()) == error(ENOENT));
    CHECK(ready_now(p).empty());
  }
}

TEST_CASE("the number of a removed and closed descriptor may be another's at once") {
  auto p = open_poll();
  auto first = socket_pair();
  first.b.write("x");
  REQUIRE_FALSE(p.add(first.a.get(), a_name, interest::readable));
  const int number = first.a.get();
  REQUIRE_FALSE(p.remove(number));
  first.a.close();
  const auto second = socket_pair();
  REQUIRE(second.a.get() == number);
  REQUIRE_FALSE(p.add(number, b_name, interest::readable));
  CHECK(ready_now(p).empty());
  second.b.write("y");
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == b_name);
}

TEST_CASE("a descriptor that was closed without being removed is not reported") {
  auto p = open_poll();
  auto pair = socket_pair();
  pair.b.write("x");
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  pair.a.close();
  CHECK(ready_now(p).empty());
  CHECK(ready_now(p).empty());
}

TEST_CASE("a closed descriptor vanishes, and its number may be another's at once") {
  skip_over("poll2", "poll(2) doesn't see a descriptor close: it has to be removed first");
  auto p = open_poll();
  auto first = socket_pair();
  first.b.write("x");
  REQUIRE_FALSE(p.add(first.a.get(), a_name, interest::readable));
  CHECK(ready_now(p).size() == 1);
  const int number = first.a.get();
  first.a.close();
  const auto second = socket_pair();
  REQUIRE(second.a.get() == number);
  REQUIRE_FALSE(p.add(second.a.get(), b_name, interest::readable));
  second.b.write("y");
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == b_name);
}

TEST_CASE("a second add of a descriptor is refused, and changes nothing") {
  skip_over("kqueue", "kqueue doesn't notice a second add()");
  auto p = open_poll();
  const auto pair = socket_pair();
  REQUIRE_FALSE(p.add(pair.a.get(), a_name, interest::readable));
  CHECK(p.add(pair.a.get(), b_name, interest::writable) == error(EEXIST));
  CHECK(ready_now(p).empty());
  pair.b.write("x");
  const auto ready = ready_now(p);
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].name() == a_name);
}

TEST_CASE("an unknown descriptor is refused") {
  auto p = open_poll();
  const auto pair = socket_pair();
  CHECK(p.modify(pair.a.get(), a_name, interest::readable) == error(ENOENT));
  CHECK(p.remove(pair.a.get()) == error(ENOENT));
  p.would_block(pair.a.get(), interest::both);
  pair.b.write("x");
  CHECK(ready_now(p).empty());
}

TEST_CASE("what isn't a descriptor is refused") {
  auto p = open_poll();
  CHECK(p.add(-1, a_name, interest::readable) == error(EBADF));
  CHECK(p.modify(-1, a_name, interest::readable) == error(EBADF));
  CHECK(p.remove(-1) == error(EBADF));
  auto pair = socket_pair();
  const int closed = pair.a.get();
  pair.a.close();
  CHECK(p.add(closed, a_name, interest::both) == error(EBADF));
}

TEST_CASE("a file is refused") {
  skip_over("kqueue", "a kqueue waits for files, too");
  auto p = open_poll();
  const descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  CHECK(p.add(file.get(), a_name, interest::readable) == error(EPERM));
  CHECK(ready_now(p).empty());
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

TEST_CASE("a pipe that nobody reads is writable, or refused as a whole") {
  auto p = open_poll();
  auto pipe = make_pipe();
  pipe.a.close();
  if (const error failed = p.add(pipe.b.get(), a_name, interest::both)) {
    CHECK(failed == error(EPIPE));
    CHECK(p.remove(pipe.b.get()) == error(ENOENT));
  } else {
    const auto ready = ready_now(p);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].writable());
  }
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

TEST_CASE("what was found but not reported yet comes under the name that it has by then") {
  auto p = open_poll();
  const auto first = socket_pair();
  const auto second = socket_pair();
  first.b.write("x");
  second.b.write("x");
  REQUIRE_FALSE(p.add(first.a.get(), token{1}, interest::readable));
  REQUIRE_FALSE(p.add(second.a.get(), token{2}, interest::readable));
  readiness_list list(1);
  REQUIRE_FALSE(p.wait(list, duration()));
  REQUIRE(list.size() == 1);
  const bool was_first = list.begin()->name() == token{1};
  REQUIRE_FALSE(p.modify((was_first ? second : first).a.get(), b_name, interest::readable));
  REQUIRE_FALSE(p.wait(list, duration()));
  REQUIRE(list.size() == 1);
  CHECK(list.begin()->name() == b_name);
  CHECK(ready_now(p).empty());
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
