// What a WebSocket costs that waits for its next message, by the allocator's own count, in
// either case of compression.
#include "../support/allocations.hpp"
#include "killed.hpp"
#include "websocket_raw.hpp"

#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/websocket_peer.hpp>

#include <catch2/generators/catch_generators_range.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

constexpr std::size_t connections = 500;

// Whether it is a whole frame; compressed ones are small.
bool is_frame(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  const auto byte = [bytes](std::size_t i) {
    return std::size_t{static_cast<unsigned char>(bytes[i])};
  };
  const std::size_t size = byte(1) < 126 ? 2 + byte(1) : 4 + (byte(2) << 8U | byte(3));
  return bytes.size() == size;
}

struct echoing final : websocket_handler {
  void on_message(websocket_peer& peer, const websocket_message& m) noexcept override {
    CHECK(peer.send_back(m) == errc::ok);
  }
  void on_closed(websocket_peer&, const websocket_outcome&) noexcept override {}
};

struct fixture {
  fixture(std::string_view name, const websocket_options& o)
      : options(o),
        loop(make_backend(name)),
        server(*loop, [this](exchange& x) { CHECK(x.accept_websocket(echo, options)); }) {
    const auto address = server.listen(endpoint::loopback_v4(0));
    REQUIRE(address);
    where = *address;
  }

  // So many WebSockets, each with a message in one read and one in two.
  std::vector<raw_socket> speak(std::string_view more) {
    std::vector<raw_socket> peers;
    peers.reserve(connections);
    const std::string frame = client_frame(std::string(300, 'm'));
    for (std::size_t i = 0; i < connections; ++i) {
      const raw_socket& peer = peers.emplace_back(raw_socket::connected_to(where));
      peer.send(upgrade_request(more) + frame + frame.substr(0, 100));
      std::string got;
      turn_until(*loop, [&] { return is_frame(behind_head(got += peer.receive())); });
      CHECK(got.starts_with("HTTP/1.1 101 "));
      peer.send(frame.substr(100));
      got.clear();
      turn_until(*loop, [&] { return is_frame(got += peer.receive()); });
      CHECK(got.size() < frame.size());
    }
    return peers;
  }

  websocket_options options;
  std::unique_ptr<backend> loop;
  echoing echo;
  http_server server;
  endpoint where;
};

}  // namespace

TEST_CASE("an idle WebSocket costs at most 1.5 KiB on the native loop") {
  const auto name = GENERATE(from_range(backend_names()));
  const bool compressed = GENERATE(false, true);
  INFO(name << (compressed ? ", compressed" : ""));
  websocket_options options;
  if (compressed) options.compression.emplace();
  fixture f(name, options);
  const std::string_view more =
      compressed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
  // What a loop and a server keep for later isn't any connection's.
  f.speak(more).clear();
  turn_until(*f.loop, [&] { return f.server.connections() == 0; });

  const std::size_t before = allocated_bytes();
  const std::vector<raw_socket> peers = f.speak(more);
  CHECK(f.server.connections() == connections);
  const std::size_t list = peers.capacity() * sizeof(raw_socket);
  const std::size_t each = (allocated_bytes() - before - list) / connections;
  std::printf("%.*s: %zu bytes for an idle WebSocket%s\n", static_cast<int>(name.size()),
              name.data(), each, compressed ? ", compressed" : "");
  if (name == "native") CHECK(each <= 1536);
  CHECK(each >= sizeof(websocket::connection));  // it was counted
}
