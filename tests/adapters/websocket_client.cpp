// How a WebSocket client connects, and all that can go wrong on the way.
#include "../support/allocations.hpp"
#include "fake_backend.hpp"
#include "websocket_fixture.hpp"
#include "websocket_raw.hpp"

#include <catch2/generators/catch_generators_range.hpp>

#include <array>
#include <cerrno>
#include <new>
#include <optional>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

struct fixture {
  explicit fixture(const websocket_client_options& o = {}) : client(loop, seeded(o)) {}
  websocket_client_options seeded(websocket_client_options o) {
    o.keys = &keys;
    return o;
  }

  fake_stream& connect(std::string_view url = "ws://1.2.3.4/chat", const websocket_options& o = {},
                       http1::field_list fields = {}) {
    peer = client.connect(url, h, o, fields);
    REQUIRE(loop.wishes.size() == ++connects);
    return *loop.wishes.back().stream;
  }
  fake_stream& asked(const websocket_options& o = {}, http1::field_list fields = {}) {
    fake_stream& s = connect("ws://1.2.3.4/chat", o, fields);
    s.open();
    return s;
  }
  // What the server that was asked at `s` says, with the right accept for the first seeded key.
  static std::string answer(std::string_view more = {}, std::string_view accept = seeded_accept) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           std::string(accept) + "\r\n" + std::string(more) + "\r\n";
  }
  websocket_outcome failing(std::string_view url, const websocket_options& o = {}) {
    h = {};
    peer = client.connect(url, h, o);
    CHECK(h.closed == 0);
    loop.turn();
    CHECK(h.closed == 1);
    CHECK(client.connections() == 0);
    return h.outcome;
  }

  static constexpr std::string_view seeded_accept = "mR6S8kFTHRBLyt3KyYhUJEvxhSA=";

  seeded_entropy keys;
  fake_backend loop;
  recorded_handler h;
  websocket_client client;
  websocket_handle peer;
  std::size_t connects = 0;
};

}  // namespace

TEST_CASE("a client asks, and speaks when it was answered",
          "[rfc6455-4.1a][rfc6455-4.1n][rfc6455-4.1q][rfc6455-4.1r][client]") {
  static constexpr std::string_view offered[] = {"soap", "chat"};
  fixture f;
  fake_stream& s = f.asked({.protocols = offered}, {{"Origin", "http://a"}, {"X-Token", "t"}});
  CHECK(f.loop.wishes.back().to == *endpoint::parse("1.2.3.4:80"));
  CHECK(s.written ==
        "GET /chat HTTP/1.1\r\nHost: 1.2.3.4\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: bIKlYsuAjRDWMr6JyFE+vw==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: soap, chat\r\nOrigin: http://a\r\nX-Token: t\r\n"
        "Connection: upgrade\r\n\r\n");
  CHECK(f.peer->send("early") == errc::out_of_turn);
  s.written.clear();
  // The server's first frame comes with its answer.
  f.h.at_open = [](websocket_peer& peer) {
    CHECK(peer.protocol() == "chat");
    CHECK(peer.role() == websocket::role::client);
    CHECK(peer.send("hello") == errc::ok);
  };
  s.arrive(f.answer("Sec-WebSocket-Protocol: chat\r\n") + server_frame("welcome"));
  CHECK(f.h.opened == 1);
  CHECK(f.h.messages == std::vector<std::string>{"welcome"});
  REQUIRE(s.written.size() == 2 + 4 + 5);
  CHECK(s.written.starts_with("\x81\x85"));  // masked
  f.loop.pass(seconds(20));
  CHECK(f.h.closed == 0);  // the handshake's time is over, and so is the handshake
}

TEST_CASE("a client asks for the URL's path and query, of its host and port",
          "[rfc6455-4.1q][rfc6455-4.1r][client]") {
  const auto begin = [](std::string_view url) {
    fixture f;
    fake_stream& s = f.connect(url);
    s.open();
    return s.written.substr(0, s.written.find("\r\nUpgrade: "));
  };
  CHECK(begin("ws://1.2.3.4:80?q") == "GET /?q HTTP/1.1\r\nHost: 1.2.3.4");
  CHECK(begin("ws://1.2.3.4:8080/a/b?c=d") == "GET /a/b?c=d HTTP/1.1\r\nHost: 1.2.3.4:8080");
  CHECK(begin("ws://[::1]:443/") == "GET / HTTP/1.1\r\nHost: [::1]:443");
}

TEST_CASE("a server's answer in pieces of one byte") {
  fixture f;
  fake_stream& s = f.asked();
  for (const char c : f.answer() + server_frame("welcome")) s.arrive({&c, 1});
  CHECK(f.h.messages == std::vector<std::string>{"welcome"});
}

TEST_CASE("a refusal tells the status, and the connection ends in order") {
  fixture f;
  fake_stream& s = f.asked();
  s.arrive("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\n0123");
  CHECK(f.h.opened == 0);
  CHECK(f.h.closed == 1);
  CHECK(f.h.outcome.message() == "refused: 403");
  CHECK_FALSE(f.peer);
  s.arrive("456789");
  CHECK(s.closed.has_value());
  CHECK(s.aborts == 0);
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 0);
  CHECK(f.h.closed == 1);
}

TEST_CASE("a redirect isn't followed") {
  fixture f;
  f.asked().arrive("HTTP/1.1 302 Found\r\nLocation: ws://a/\r\nContent-Length: 0\r\n\r\n");
  CHECK(f.h.outcome.status == 302);
  CHECK(f.loop.wishes.size() == 1);
}

TEST_CASE("an answer that isn't a good handshake") {
  fixture f;
  fake_stream& s = f.asked();
  using fault = websocket::handshake_fault;
  SECTION("another key's") {
    s.arrive(f.answer("", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    CHECK(f.h.outcome.handshake == fault::wrong_accept);
  }
  SECTION("a subprotocol that wasn't offered") {
    s.arrive(f.answer("Sec-WebSocket-Protocol: chat\r\n") + server_frame("x"));
    CHECK(f.h.outcome.handshake == fault::unasked_protocol);
  }
  SECTION("an extension that wasn't offered") {
    s.arrive(f.answer("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    CHECK(f.h.outcome.handshake == fault::unasked_extension);
  }
  CHECK(f.h.outcome.end == websocket_end::bad_handshake);
  CHECK(f.h.opened == 0);
  CHECK(f.h.messages.empty());
  CHECK(s.aborts == 1);
}

TEST_CASE("an answer that isn't HTTP, or none") {
  fixture f;
  fake_stream& s = f.asked();
  SECTION("not HTTP") {
    s.arrive("SSH-2.0-OpenSSH\r\n");
    CHECK(f.h.outcome.http == http1::fault::not_a_response);
  }
  SECTION("a FIN") {
    s.arrive_eof();
    CHECK(f.h.outcome.http == http1::fault::unanswered);
  }
  SECTION("a dribble") {
    for (int i = 0; i < 4; ++i) {
      f.loop.pass(seconds(3));
      s.arrive("HTTP"[i] == 'H' ? "H" : i == 3 ? "P" : "T");
    }
    CHECK(f.h.outcome.http == http1::fault::response_timeout);
  }
  SECTION("nothing") {
    f.loop.pass(seconds(9));
    CHECK(f.h.closed == 0);
    f.loop.pass(seconds(2));
    CHECK(f.h.outcome.http == http1::fault::response_timeout);
  }
  CHECK(f.h.closed == 1);
  CHECK(f.h.outcome.end == websocket_end::bad_http);
  f.loop.turn();
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 0);
}

TEST_CASE("a connection that breaks before the handshake is over") {
  fixture f;
  f.asked().end(error(ECONNRESET));
  CHECK(f.h.closed == 1);
  CHECK(f.h.outcome.end == websocket_end::no_connection);
  CHECK(f.h.outcome.message() ==
        "the connection broke: " + std::string(error(ECONNRESET).message()));
}

TEST_CASE("what can't be asked for is told later", "[rfc6455-4.1c][client]") {
  fixture f;
  CHECK(f.failing("http://1.2.3.4/").end == websocket_end::invalid_url);
  CHECK(f.failing("ws://").end == websocket_end::invalid_url);
  CHECK(f.failing("wss://1.2.3.4/").message() == "wss:// is not supported yet");
  const auto unresolved = f.failing("ws://a.example/");
  CHECK(unresolved.end == websocket_end::no_connection);
  CHECK(unresolved.message() == "the host has no address: no resolver");
  static constexpr std::string_view no_token[] = {"a b"};
  CHECK(f.failing("ws://1.2.3.4/", {.protocols = no_token}).end == websocket_end::invalid_options);
  CHECK(f.loop.wishes.empty());
}

TEST_CASE("fields that can't be sent") {
  fixture f;
  fake_stream& s = f.asked({}, {{"Bad Name", "x"}});
  CHECK(f.h.outcome.end == websocket_end::invalid_options);
  CHECK(f.h.outcome.wish == errc::invalid_argument);
  CHECK(s.written.empty());
  CHECK(f.h.closed == 1);
}

TEST_CASE("connections have a limit, and a time to be made") {
  fixture f({.connections_max = 1});
  fake_stream& s = f.connect();
  recorded_handler second;
  f.client.connect("ws://1.2.3.4/", second);
  f.loop.turn();
  CHECK(second.outcome.end == websocket_end::too_many);
  f.loop.pass(seconds(11));
  CHECK(s.aborts == 1);
  CHECK(f.h.outcome.end == websocket_end::no_connection);
  CHECK(f.h.outcome.dial.end == http_end::connect_timeout);
  CHECK(f.client.connections() == 0);
}

TEST_CASE("nobody listens there", "[rfc6455-4.1i][client]") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  websocket_world w(name);
  websocket_client client(*w.loop);
  recorded_handler h;
  client.connect("ws://127.0.0.1:1/", h);
  w.run_until([&] { return h.closed == 1; });
  CHECK(h.outcome.dial.end == http_end::connect_failed);
  CHECK(client.connections() == 0);
}

TEST_CASE("a peer is aborted at each step on the way, or the client closes or dies") {
  const int step = GENERATE(0, 1, 2, 3);
  const int how = GENERATE(0, 1, 2, 3);
  INFO("step " << step << ", how " << how);
  recorded_handler h;
  websocket_handle peer;
  {
    std::optional<fixture> f(std::in_place);
    fake_stream& s = f->connect();
    if (step > 0) s.open();
    if (step > 1) s.arrive("HTTP/1.1 101 Switching Protocols\r\n");
    if (step > 2) s.arrive(f->answer().substr(34));
    CHECK(f->h.opened == (step == 3 ? 1 : 0));
    peer = f->peer;
    peer->set_handler(h);
    if (how == 0) CHECK(peer->abort() == errc::ok);
    if (how == 1) f->client.close();
    if (how == 2) CHECK(peer->abandon() == errc::ok);
    CHECK(h.closed == 0);
    if (how == 3) f.reset();
    if (how != 3) {
      f->loop.turn();
      f->loop.end_closed_streams();
      if (step < 3 || how == 0) CHECK(f->client.connections() == 0);
    }
    if (step == 3 && how == 1) {
      s.arrive(server_frame(close_payload(1001), websocket::opcode::close));
      CHECK(h.outcome.code == 1001);
    }
  }
  CHECK(h.closed == (how == 2 ? 0 : 1));
  if (how != 2 && !(step == 3 && how == 1)) CHECK(h.outcome.end == websocket_end::aborted);
  CHECK_FALSE(peer);
  CHECK(peer->send("late") == errc::connection_gone);
}

TEST_CASE("a peer that is aborted or abandoned by on_response isn't opened") {
  const bool abandoned = GENERATE(false, true);
  struct refusing final : websocket_handler {
    void on_response(websocket_peer& peer, const http1::response_head&) noexcept override {
      CHECK((abandons ? peer.abandon() : peer.abort()) == errc::ok);
    }
    void on_open(websocket_peer&) noexcept override { FAIL_CHECK("it isn't wanted"); }
    void on_closed(websocket_peer&, const websocket_outcome& how) noexcept override {
      end = how.end;
    }
    bool abandons = false;
    std::optional<websocket_end> end;
  } h;
  h.abandons = abandoned;
  fixture f;
  fake_stream& s = f.asked();
  f.peer->set_handler(h);
  s.arrive(f.answer() + server_frame("x"));
  CHECK_FALSE(f.peer->speaks());
  f.loop.turn();
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 0);
  CHECK(h.end.has_value() == !abandoned);
  CHECK(h.end.value_or(websocket_end::aborted) == websocket_end::aborted);
}

namespace {

// Keeps the one query, and allocates nothing.
struct patient_resolver final : resolver {
  void resolve(std::string_view, std::uint16_t, name_query& query) noexcept override {
    asked = &query;
  }
  void cancel(name_query&) noexcept override { asked = nullptr; }
  name_query* asked = nullptr;
};

}  // namespace

TEST_CASE("without memory connect() throws and nothing began, or its end is told") {
  const bool callback = GENERATE(false, true);
  INFO(callback);
  patient_resolver names;
  fixture f({.names = &names});
  static constexpr std::string_view offered[] = {"chat"};
  const websocket_options options{.compression = websocket::compression{}, .protocols = offered};
  bool connected = false;
  std::size_t calls = 0;
  for (; !connected && calls < 100; ++calls) {
    end_memory_after(calls);
    try {
      const std::string_view url = "ws://a.host.with.a.long.name.example:8080/with/a/path";
      if (callback) {
        f.peer = f.client.connect(
            url, [](websocket_peer&, const websocket_message&) {}, options);
      } else {
        f.peer = f.client.connect(url, f.h, options, {{"X-Token", "t"}});
      }
      connected = true;
    } catch (const std::bad_alloc&) {
    }
    end_memory(false);
    CHECK(f.client.connections() == (connected ? 1 : 0));
  }
  CHECK(connected);
  CHECK(calls > 5);
  REQUIRE(names.asked != nullptr);
  const endpoint address = endpoint::loopback_v4(1);
  end_memory(true);
  names.asked->on_resolved({&address, 1});
  end_memory(false);
  CHECK(f.client.connections() == 0);
  CHECK_FALSE(f.peer);
  if (callback) return;
  CHECK(f.h.closed == 1);
  CHECK(f.h.outcome.dial.end == http_end::connect_failed);
  CHECK(f.h.outcome.dial.system == error(ENOMEM));
}

TEST_CASE("a closed client begins nothing") {
  fixture f;
  f.client.close();
  CHECK(f.failing("ws://1.2.3.4/").end == websocket_end::aborted);
}

TEST_CASE("a peer that falls silent is pinged, and given up") {
  fixture f;
  fake_stream& s = f.asked();
  s.arrive(f.answer());
  s.written.clear();
  f.loop.pass(seconds(31));
  CHECK(s.written.starts_with("\x89\x80"));  // a masked ping
  f.loop.pass(seconds(31));
  CHECK(f.h.outcome.fault == websocket::fault::pong_timeout);
}

TEST_CASE("bytes of the system are random, as far as one can see") {
  system_entropy e;
  std::array<std::byte, 1000> first{};
  std::array<std::byte, 1000> second{};
  e.fill(first);
  e.fill(second);
  CHECK(first != second);
  std::size_t zeros = 0;
  for (const std::byte b : first) zeros += b == std::byte{} ? 1U : 0U;
  CHECK(zeros < 40);  // 4 are expected
}
