// WebSockets of both roles on one loop, and what they told.
#pragma once

#include "named_loop.hpp"

#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/websocket_client.hpp>
#include <drywire/adapters/websocket_peer.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tests {

/// The same bytes in each run.
class seeded_entropy final : public entropy {
 public:
  void fill(mutable_bytes to) noexcept override {
    for (std::byte& b : to) {
      state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      b = static_cast<std::byte>(state_ >> 56);
    }
  }

 private:
  std::uint64_t state_ = 1;
};

/// A loop by its name, and waiting on it.
struct websocket_world : named_loop {
  using named_loop::named_loop;

  /// Half a minute of turns at most.
  template <class Condition>
  void run_until(Condition condition) {
    using clock = std::chrono::steady_clock;
    const auto give_up = clock::now() + std::chrono::seconds(30);
    while (!condition() && clock::now() < give_up) loop->run_once(milliseconds(1));
    REQUIRE(condition());
  }
  void settle() {
    for (int i = 0; i < 20; ++i) loop->run_once(milliseconds(1));
  }
};

/// Keeps what it is told. `then` runs at each message.
struct recorded_handler final : websocket_handler {
  void on_open(websocket_peer& peer) noexcept override {
    ++opened;
    handle = peer.handle();
    if (at_open) at_open(peer);
  }
  void on_message(websocket_peer& peer, const websocket_message& m) noexcept override {
    messages.emplace_back(m.text());
    if (then) then(peer, m);
  }
  void on_piece(websocket_peer& peer, const websocket::message& piece) noexcept override {
    if (piece.first) messages.emplace_back();
    messages.back() += as_text(piece.bytes);
    largest_piece = std::max(largest_piece, piece.bytes.size());
    if (at_piece) at_piece(peer, piece);
  }
  void on_ping(websocket_peer& peer, const_bytes payload) noexcept override {
    pings.emplace_back(as_text(payload));
    if (at_ping) at_ping(peer);
  }
  void on_pong(websocket_peer&, const_bytes payload) noexcept override {
    pongs.emplace_back(as_text(payload));
  }
  void on_drained(websocket_peer& peer) noexcept override {
    ++drained;
    if (at_room) at_room(peer);
  }
  void on_closed(websocket_peer& peer, const websocket_outcome& how) noexcept override {
    ++closed;
    outcome = how;
    reason = how.reason;
    outcome.reason = reason;
    CHECK_FALSE(peer.open());
    CHECK(peer.send("late") == errc::connection_gone);
  }

  std::function<void(websocket_peer&)> at_open, at_room, at_ping;
  std::function<void(websocket_peer&, const websocket_message&)> then;
  std::function<void(websocket_peer&, const websocket::message&)> at_piece;
  websocket_handle handle;
  std::vector<std::string> messages, pings, pongs;
  websocket_outcome outcome;
  std::string reason;
  std::size_t largest_piece = 0;
  int opened = 0, closed = 0, drained = 0;
};

/// Sends each message back.
struct echo_handler final : websocket_handler {
  void on_message(websocket_peer& peer, const websocket_message& m) noexcept override {
    ++messages;
    CHECK(peer.send_back(m) == errc::ok);
  }
  void on_closed(websocket_peer&, const websocket_outcome& how) noexcept override {
    ++closed;
    outcome = how;
  }
  websocket_outcome outcome;
  int messages = 0, closed = 0;
};

/// A server whose handler `accept` is, and a client, on the loop of that name.
struct websocket_fixture : websocket_world {
  explicit websocket_fixture(std::string_view name, http_server::handler accept,
                             const http_server_options& server_options = {},
                             websocket_client_options client_options = {})
      : websocket_world(name),
        server(*loop, std::move(accept), server_options),
        client(*loop, seeded(client_options)) {
    const auto listening = server.listen(endpoint::loopback_v4(0));
    REQUIRE(listening);
    where = *listening;
    url = "ws://" + where.to_string() + "/";
  }
  websocket_client_options& seeded(websocket_client_options& o) {
    o.keys = &keys;
    return o;
  }
  /// Both have nothing left.
  void end() {
    client.close();
    server.drain();
    run_until([this] { return server.connections() == 0 && client.connections() == 0; });
  }

  seeded_entropy keys;
  http_server server;
  websocket_client client;
  endpoint where;
  std::string url;
};

}  // namespace drywire::tests
