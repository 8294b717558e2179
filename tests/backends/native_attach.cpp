// What is particular to a native loop nested by its descriptor. What holds for every host:
// attaching.cpp and leaving.cpp.
#include "echo.hpp"
#include "nodes.hpp"

#include <drywire/loop/native.hpp>
#include <drywire/loop/socket.hpp>

#include <poll.h>

#include <algorithm>
#include <vector>

namespace drywire::test {

namespace {

bool is_readable(const native_loop& loop) {
  pollfd asked{loop.native_handle(), POLLIN, 0};
  return ::poll(&asked, 1, 0) == 1;
}

void run_while_readable(native_loop& loop) {
  while (is_readable(loop)) (void)loop.run_once(duration());
}

}  // namespace

TEST_CASE("the descriptor is readable as long as something is ready that no call has taken") {
  auto loop = make_native();
  REQUIRE(loop);
  echo_server server(*loop);
  constexpr std::size_t clients_count = 300;  // more than one call takes
  std::vector<descriptor> clients;
  while (clients.size() != clients_count) {
    auto begun = connect_socket(server.where);
    REQUIRE(begun);
    clients.push_back(std::move(*begun));
    run_while_readable(*loop);
  }
  // A listener takes its peers in portions; what is left for later is in the deadline.
  while (server.ends.size() != clients_count) (void)loop->run_once(duration());
  run_while_readable(*loop);
  CHECK(loop->core().next_deadline() == instant::never());

  const std::byte byte{'x'};
  const const_bytes piece(&byte, 1);
  for (const descriptor& client : clients) REQUIRE(send(client.get(), {&piece, 1}));
  const auto heard = [&] {
    return std::ranges::count_if(server.ends, [](const echo_end& end) { return end.bytes == 1; });
  };
  int calls = 0;
  for (; is_readable(*loop); ++calls) (void)loop->run_once(duration());
  CHECK(calls > 1);
  CHECK(heard() == clients_count);
  loop.reset();  // the handlers die behind it
}

TEST_CASE("what is asked of a nested loop from outside is in its deadline") {
  const auto loop = make_native();
  REQUIRE(loop);
  echo_server server(*loop);
  run_while_readable(*loop);
  CHECK(loop->core().next_deadline() == instant::never());
  const instant time = loop->time().steady;
  test_timer timer([] {});
  loop->core().arm(timer, time + seconds(3600));
  CHECK(loop->core().next_deadline() == time + seconds(3600));
  loop->core().arm(timer, time + seconds(7200));  // a host isn't woken too soon for it
  CHECK(loop->core().next_deadline() == time + seconds(7200));
  timer.cancel();
  CHECK(loop->core().next_deadline() == instant::never());
  server.listening->close();
  CHECK(loop->core().next_deadline() <= time);
  CHECK(server.listener_closes == 0);
  CHECK_FALSE(loop->run_once(duration()));
  CHECK(server.listener_closes == 1);
}

TEST_CASE("a post from another thread makes the descriptor readable") {
  const auto loop = make_native();
  REQUIRE(loop);
  run_while_readable(*loop);
  int ran = 0;
  CHECK(loop->core().remote().post([&] { ++ran; }));
  CHECK(is_readable(*loop));
  run_while_readable(*loop);
  CHECK(ran == 1);
}

TEST_CASE("over poll(2) there is no descriptor, and a call now and then will do") {
  auto loop = make_native({.selector = selectors().back()});
  REQUIRE(loop);
  CHECK(loop->native_handle() == -1);
  echo_server server(*loop);
  auto begun = connect_socket(server.where);
  REQUIRE(begun);
  while (server.ends.empty()) (void)loop->run_once(duration());
  loop.reset();  // the handlers die behind it
}

}  // namespace drywire::test
