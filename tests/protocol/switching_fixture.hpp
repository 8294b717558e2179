// A machine that switches to a tunnel, and its driver, in one hand: bytes in, events out as text.
#pragma once

#include "../support/all_output.hpp"

#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/switching.hpp>
#include <drywire/protocol/tunnel.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace switching_test {

using namespace drywire;
using lines = std::vector<std::string>;
using server_machine = switching<http1::server, tunnel::connection>;
using client_machine = switching<http1::client, tunnel::connection>;

inline constexpr http1::field host{"Host", "a"};
inline constexpr http1::field echo{"Upgrade", "echo"};
inline constexpr std::string_view upgrading =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
inline constexpr std::string_view connecting = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
inline constexpr std::string_view switched_101 =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n";
inline constexpr std::string_view switched_200 = "HTTP/1.1 200 OK\r\n\r\n";

template <class Machine>
struct fixture {
  using event = typename Machine::event;

  explicit fixture(const tunnel::limits& l = {})
      : machine([this, l](const auto&) { return tunnel::connection(memory, l); }, memory) {}

  /// Offers what was kept and `bytes`; the names of the events.
  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    std::string lent = kept;
    lines told;
    auto cursor = machine.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto e = cursor.next()) {
      testkit::trace trace;
      normalise(*e, trace);
      const auto& entry = trace.entries();
      if (entry.empty()) continue;
      told.push_back(entry[0].is_piece               ? "data " + entry[0].bytes
                     : entry[0].name == "peer error" ? entry[0].details[0].second
                                                     : entry[0].name);
      if (react) react(*e);
    }
    kept.assign(as_text(cursor.remaining()));
    CHECK(cursor.consumed() + kept.size() == lent.size());
    REQUIRE(machine.retain_output() == errc::ok);
    return told;
  }

  lines eof(bool clean = true) {
    machine.receive_eof(clean);
    return receive();
  }

  lines at(std::int64_t second) {
    machine.advance({instant{} + seconds(second), second});
    return receive();
  }

  /// All output; "|" stands for the fin.
  std::string output(std::size_t portion = 1000) { return tests::all_output(machine, portion); }

  testkit::heap_storage memory{http1::server::block_bytes};
  Machine machine;
  std::function<void(const event&)> react;
  std::string kept;
};

/// Grants what a request asks for.
inline errc grant(server_machine& machine) {
  http1::server* http = machine.first();
  const errc tunnelled = http->switch_protocols();
  return tunnelled == errc::ok ? tunnelled : http->switch_protocols({echo});
}

}  // namespace switching_test
