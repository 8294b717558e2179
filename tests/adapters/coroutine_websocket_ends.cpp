// Coroutines that die while they wait for something of a WebSocket, or have no memory for its end.
#include "../support/allocations.hpp"
#include "fake_backend.hpp"
#include "websocket_raw.hpp"

#include <drywire/adapters/coroutine/scope.hpp>
#include <drywire/adapters/coroutine/websocket.hpp>
#include <drywire/adapters/http_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

// Serves each request by a task, as long as there is a scope for it.
struct fixture {
  fixture() {
    REQUIRE(server.listen(endpoint::loopback_v4(8080)));
    tasks.emplace(loop.core());
  }

  co::task<void> serve(exchange_handle x) {
    co::websocket ws = co_await co::accept_websocket(*x);
    ++accepted;
    while (const auto message = co_await ws.next_message()) seen += message->text();
    ended = ws.outcome().code;
    reason_bytes = ws.outcome().reason.size();
  }
  void settle() {
    for (int i = 0; i < 4; ++i) loop.turn();
  }

  fake_backend loop;
  std::optional<co::scope> tasks;
  int accepted = 0;
  std::string seen;
  std::uint16_t ended = 0;
  std::size_t reason_bytes = 0;
  http_server server{loop, [this](exchange& x) { tasks->spawn(serve(x.handle())); }};
};

}  // namespace

TEST_CASE("a task is destroyed between its wish for a WebSocket and the answer") {
  fixture f;
  fake_stream& s = f.loop.connect_client();
  s.arrive(upgrade_request("Content-Length: 5\r\n") + "ab");
  f.settle();
  CHECK(f.accepted == 0);
  SECTION("by its scope") { f.tasks.reset(); }
  SECTION("by an exception") {
    f.tasks->cancel();
    f.settle();
    CHECK(f.tasks->size() == 0);
  }
  SECTION("and the request comes to its end") {
    f.tasks.reset();
    s.arrive("cde" + client_frame("x"));
  }
  SECTION("and the client goes away") {
    f.tasks.reset();
    s.end(error(ECONNRESET));
  }
  f.settle();
  CHECK(f.accepted == 0);
  CHECK(f.seen.empty());
}

TEST_CASE("a Close whose reason there is no memory for is told without it") {
  const bool memory = GENERATE(true, false);
  fixture f;
  fake_stream& s = f.loop.connect_client();
  s.arrive(upgrade_request());
  f.settle();
  CHECK(f.accepted == 1);
  const std::string bytes =
      client_frame(close_payload(4000, std::string(100, 'r')), websocket::opcode::close);
  s.written.reserve(1000);
  end_memory(!memory);
  s.arrive(bytes);
  f.settle();
  end_memory(false);
  CHECK(f.ended == 4000);
  CHECK(f.reason_bytes == (memory ? 100 : 0));
}
