// Which descriptors a poll has, and by which names.
#include "descriptors.hpp"
#include "tested_selector.hpp"

#include <drywire/loop/poll.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cerrno>

using namespace drywire;
using namespace drywire::test;

namespace {

constexpr token a_name{7};
constexpr token b_name{8};

}  // namespace

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
