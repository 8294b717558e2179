// Both roles of WebSocket against each other, on every loop.
#include "websocket_fixture.hpp"

#include <catch2/generators/catch_generators_range.hpp>

#include <string>

using namespace drywire;
using namespace drywire::tests;

TEST_CASE("text and binary come back, whole, on every loop") {
  const auto name = GENERATE(from_range(websocket_loops()));
  INFO(name);
  echo_handler echo;
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(echo)); });
  recorded_handler h;
  h.at_open = [](websocket_peer& peer) {
    CHECK(peer.speaks());
    CHECK(peer.send("hello") == errc::ok);
    CHECK(peer.send_binary(text_bytes(std::string_view("\0\xff", 2))) == errc::ok);
    CHECK(peer.send("") == errc::ok);
  };
  const websocket_handle handle = f.client.connect(f.url, h);
  CHECK(handle);
  CHECK(handle->send("early") == errc::out_of_turn);
  f.run_until([&] { return h.messages.size() == 3; });
  CHECK(h.messages == std::vector<std::string>{"hello", std::string("\0\xff", 2), ""});
  CHECK(handle->address() == f.where);
  CHECK(handle->close(4000, "done") == errc::ok);
  CHECK(handle->close() == errc::out_of_turn);
  f.run_until([&] { return h.closed + echo.closed == 2; });
  CHECK(h.outcome.clean());
  CHECK(h.outcome.code == 4000);
  CHECK(echo.outcome.code == 4000);
  CHECK_FALSE(handle);
  CHECK(handle->send("late") == errc::connection_gone);
  f.end();
}
