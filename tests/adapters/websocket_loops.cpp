// Both roles of WebSocket against each other, on every loop.
#include "../support/allocations.hpp"
#include "websocket_fixture.hpp"

#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <string>

using namespace drywire;
using namespace drywire::tests;

TEST_CASE("text and binary come back, whole, on every loop") {
  const auto name = GENERATE(from_range(loop_names()));
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

TEST_CASE("a callback in place of a handler, in both roles") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  websocket_fixture f(name, [](exchange& x) {
    x.accept_websocket([](websocket_peer& peer, const websocket_message& m) {
      CHECK(peer.send(std::string(m.text()) + ", too") == errc::ok);
      CHECK(peer.close() == errc::ok);
    });
  });
  std::string got;
  const websocket_handle peer = f.client.connect(
      f.url, [&got](websocket_peer&, const websocket_message& m) { got = m.text(); });
  f.run_until([&] { return !peer || peer->speaks(); });
  CHECK(peer->send("hello") == errc::ok);
  f.run_until([&] { return !peer; });
  CHECK(got == "hello, too");
  f.end();
}

TEST_CASE("compression is used if both want it") {
  const auto name = GENERATE(from_range(loop_names()));
  const bool server_wants = GENERATE(true, false);
  const bool client_wants = GENERATE(true, false);
  const bool context = GENERATE(true, false);
  INFO(name << ": " << server_wants << client_wants << context);
  websocket_options options[2];
  websocket::compression wanted;
  wanted.own_context = wanted.peer_context = context;
  if (server_wants) options[0].compression = wanted;
  if (client_wants) options[1].compression = wanted;
  echo_handler echo;
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(echo, options[0])); });
  recorded_handler h;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
  h.at_open = [&](websocket_peer& peer) {
    CHECK(peer.compresses() == (server_wants && client_wants));
    CHECK(peer.send("short") == errc::ok);
    CHECK(peer.send(text) == errc::ok);
    CHECK((peer.queued() < text.size() / 2) == peer.compresses());
    CHECK(peer.send(text) == errc::ok);
  };
  f.client.connect(f.url, h, options[1]);
  f.run_until([&] { return h.messages.size() == 3; });
  CHECK((h.messages == std::vector<std::string>{"short", text, text}));
  f.end();
}

TEST_CASE("a message of 16 MiB, gathered whole") {
  const auto name = GENERATE(from_range(loop_names()));
  const bool compressed = GENERATE(false, true);
  INFO(name << (compressed ? ", compressed" : ""));
  websocket_options options;
  options.limits.output_bytes_max = 17U << 20;
  if (compressed) options.compression.emplace();
  echo_handler echo;
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(echo, options)); });
  recorded_handler h;
  std::string text(std::size_t{16} << 20, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 7);
  h.at_open = [&](websocket_peer& peer) { CHECK(peer.send_binary(text_bytes(text)) == errc::ok); };
  f.client.connect(f.url, h, options);
  f.run_until([&] { return h.messages.size() == 1; });
  CHECK((h.messages[0] == text));
  f.end();
}

namespace {

// Sends pieces back as they come, and makes the peer wait while there is no room.
struct streaming_echo final : websocket_handler {
  void on_piece(websocket_peer& peer, const websocket::message& piece) noexcept override {
    most_held = std::max(most_held, allocated_bytes());
    if (piece.first) CHECK(peer.start_message(piece.kind) == errc::ok);
    pass(peer, piece.bytes, piece.last);
  }
  void on_drained(websocket_peer& peer) noexcept override {
    const std::string waiting = std::exchange(left, {});
    pass(peer, text_bytes(waiting), was_last);
    if (left.empty()) CHECK(peer.resume() == errc::ok);
  }
  void pass(websocket_peer& peer, const_bytes bytes, bool last) noexcept {
    const errc e = peer.send_piece(bytes);
    if (e == errc::would_exceed) {
      left = as_text(bytes);
      was_last = last;
      CHECK(peer.hold() == errc::ok);
    } else {
      CHECK(e == errc::ok);
      if (last) CHECK(peer.finish_message() == errc::ok);
    }
  }
  void on_closed(websocket_peer&, const websocket_outcome&) noexcept override {}

  std::string left;
  bool was_last = false;
  std::size_t most_held = 0;
};

constexpr std::size_t piece_bytes = 16'001;
constexpr std::size_t total = 2000 * piece_bytes;

// Sends one long message.
struct streaming_sender final : websocket_handler {
  void on_open(websocket_peer& peer) noexcept override {
    CHECK(peer.start_message(websocket::kind::binary) == errc::ok);
    on_drained(peer);
  }
  void on_drained(websocket_peer& peer) noexcept override {
    while (sent < total && peer.send_piece(piece) == errc::ok) sent += piece.size();
    if (sent == total && !std::exchange(finished, true)) {
      CHECK(peer.finish_message() == errc::ok);
    }
  }
  void on_piece(websocket_peer&, const websocket::message& m) noexcept override {
    most_held = std::max(most_held, allocated_bytes());
    for (const std::byte b : m.bytes) wrong += b == piece[received++ % piece.size()] ? 0U : 1U;
    ended = ended || m.last;
  }
  void on_closed(websocket_peer&, const websocket_outcome&) noexcept override {}

  std::string text = [] {
    std::string made(piece_bytes, '\0');
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(i * i >> 5);
    return made;
  }();
  const_bytes piece = text_bytes(text);
  std::size_t sent = 0, received = 0, wrong = 0, most_held = 0;
  bool finished = false, ended = false;
};

}  // namespace

TEST_CASE("a message in pieces streams through, and nothing is gathered") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  websocket_options options;
  options.pieces = true;
  options.limits.message_bytes_max = UINT64_MAX;
  options.limits.fragments_max = UINT32_MAX;
  options.limits.output_bytes_max = 256 * 1024;
  options.limits.output_low_bytes = 64 * 1024;
  streaming_echo echo;
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(echo, options)); });

  streaming_sender h;
  const std::size_t before = allocated_bytes();
  f.client.connect(f.url, h, options);
  f.run_until([&] { return h.ended; });
  CHECK(h.received == total);
  CHECK(h.wrong == 0);
  // Both sides, the loop's blocks and a simulated network together.
  if (f.network == nullptr) CHECK(std::max(h.most_held, echo.most_held) - before < 2'000'000);
  f.end();
}

TEST_CASE("close from the server's side, with a code and a reason") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  recorded_handler s;
  s.then = [](websocket_peer& peer, const websocket_message& m) {
    CHECK(peer.close(3999, m.text()) == errc::ok);
  };
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(s)); });
  recorded_handler c;
  c.at_open = [](websocket_peer& peer) { CHECK(peer.send("enough") == errc::ok); };
  f.client.connect(f.url, c);
  f.run_until([&] { return s.closed + c.closed == 2; });
  CHECK(c.outcome.message() == "closed: 3999 enough");
  CHECK(s.outcome.message() == "closed: 3999");
  f.end();
  CHECK(s.closed + c.closed == 2);
}

TEST_CASE("both sides close at once") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  recorded_handler s;
  recorded_handler c;
  s.at_open = [](websocket_peer& peer) { CHECK(peer.close(4001) == errc::ok); };
  c.at_open = [](websocket_peer& peer) { CHECK(peer.close(4002) == errc::ok); };
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(s)); });
  f.client.connect(f.url, c);
  f.run_until([&] { return s.closed + c.closed == 2; });
  CHECK(s.outcome.clean());
  CHECK(c.outcome.clean());
  f.end();
}

TEST_CASE("whoever aborts is told so, and the other side that the connection is lost") {
  const auto name = GENERATE(from_range(loop_names()));
  const bool by_server = GENERATE(true, false);
  INFO(name << (by_server ? ", by the server" : ", by the client"));
  recorded_handler s;
  recorded_handler c;
  recorded_handler& killer = by_server ? s : c;
  recorded_handler& killed = by_server ? c : s;
  killer.then = [](websocket_peer& peer, const websocket_message&) {
    CHECK(peer.abort() == errc::ok);
    CHECK(peer.send("more") == errc::connection_gone);
  };
  killed.at_open = [](websocket_peer& peer) { CHECK(peer.send("x") == errc::ok); };
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(s)); });
  f.client.connect(f.url, c);
  f.run_until([&] { return s.closed + c.closed == 2; });
  CHECK(killer.outcome.end == websocket_end::aborted);
  CHECK(killed.outcome.end == websocket_end::fault);
  CHECK(killed.outcome.fault == websocket::fault::connection_lost);
  f.end();
}

TEST_CASE("a server drains, a client closes: all are told 1001") {
  const auto name = GENERATE(from_range(loop_names()));
  const bool server_drains = GENERATE(true, false);
  INFO(name << (server_drains ? ", the server" : ", the client"));
  recorded_handler s;
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(s)); });
  std::vector<recorded_handler> c(5);
  for (recorded_handler& h : c) f.client.connect(f.url, h);
  const auto is_open = [](const recorded_handler& h) { return h.opened == 1; };
  f.run_until([&] { return s.opened == 5 && std::ranges::all_of(c, is_open); });
  server_drains ? f.server.drain() : f.client.close();
  f.run_until([&] { return f.server.connections() + f.client.connections() == 0; });
  CHECK(s.closed == 5);
  for (const recorded_handler& h : c) {
    CHECK(h.closed == 1);
    CHECK(h.outcome.code == 1001);
  }
  f.end();
}

TEST_CASE("pings are answered, and told") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  recorded_handler s;
  recorded_handler c;
  c.at_open = [](websocket_peer& peer) {
    CHECK(peer.send_ping(text_bytes("there?")) == errc::ok);
    CHECK(peer.send_ping(text_bytes(std::string(126, 'x'))) == errc::invalid_argument);
  };
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(s)); });
  f.client.connect(f.url, c);
  f.run_until([&] { return c.pongs.size() == 1; });
  CHECK(c.pongs[0] == "there?");
  CHECK(s.pings == c.pongs);
  f.end();
}
