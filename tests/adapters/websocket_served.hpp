// A server's WebSockets, on streams that are all the test's.
#pragma once

#include "fake_backend.hpp"
#include "websocket_fixture.hpp"
#include "websocket_raw.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace drywire::tests {

/// Accepts at /chat, and answers everything else with 200.
struct websocket_served {
  explicit websocket_served(const websocket_options& o = {},
                            const http_server_options& server_options = {})
      : options(o),
        server(
            loop, [this](exchange& x) { answer(x); }, server_options) {
    REQUIRE(server.listen(endpoint::loopback_v4(8080)));
  }

  void answer(exchange& x) {
    if (x.request().target != "/chat") {
      CHECK(x.respond(200) == errc::ok);
    } else if (at_request) {
      at_request(x);
    } else if (later) {
      waiting = x.handle();
    } else {
      accept(x);
    }
  }
  void accept(exchange& x) { accepted = x.accept_websocket(handler, options); }
  /// One that has upgraded.
  fake_stream& opened(std::string_view more = {}) {
    fake_stream& s = loop.connect_client();
    s.arrive(upgrade_request(more));
    REQUIRE(accepted == true);
    REQUIRE(s.written.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    return s;
  }

  fake_backend loop;
  websocket_options options;
  recorded_handler handler;
  std::optional<bool> accepted;
  bool later = false;
  std::function<void(exchange&)> at_request;
  exchange_handle waiting;
  http_server server;
};

}  // namespace drywire::tests
