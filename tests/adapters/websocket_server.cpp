// A server's WebSockets, on streams that are all the test's: which bytes come, and which go.
#include "../support/allocations.hpp"
#include "websocket_served.hpp"

#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

using fixture = websocket_served;

constexpr std::string_view another_get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("the handshake of RFC 6455 1.3, and a message each way") {
  fixture f;
  fake_stream& s = f.opened();
  CHECK(s.written.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
        std::string::npos);
  CHECK(f.handler.opened == 1);
  s.written.clear();
  s.arrive(client_frame("Hello"));
  CHECK(f.handler.messages == std::vector<std::string>{"Hello"});
  CHECK(f.handler.handle->send("Hello") == errc::ok);
  f.loop.turn();
  CHECK(s.written == server_frame("Hello"));
  CHECK(s.written == "\x81\x05Hello");
}

TEST_CASE("frames right behind the handshake arrive, and what they cause leaves behind the 101") {
  fixture f;
  f.handler.at_open = [](websocket_peer& peer) { CHECK(peer.send("welcome") == errc::ok); };
  f.handler.then = [](websocket_peer& peer, const websocket_message& m) {
    CHECK(peer.send_back(m) == errc::ok);
  };
  const std::string all = upgrade_request() + client_frame("one") + client_frame("two");
  SECTION("in one read and one write") {
    fake_stream& s = f.loop.connect_client();
    s.arrive(all);
    CHECK(s.writes <= 2);
    CHECK(behind_head(s.written) ==
          server_frame("welcome") + server_frame("one") + server_frame("two"));
  }
  SECTION("byte by byte") {
    fake_stream& s = f.loop.connect_client();
    for (const char c : all) s.arrive({&c, 1});
    CHECK(behind_head(s.written) ==
          server_frame("welcome") + server_frame("one") + server_frame("two"));
  }
  SECTION("to a peer that takes few bytes at a time") {
    fake_stream& s = f.loop.connect_client();
    s.room = 10;
    s.arrive(all);
    for (int i = 0; i < 100; ++i) s.make_room(3);
    CHECK(behind_head(s.written) ==
          server_frame("welcome") + server_frame("one") + server_frame("two"));
  }
  CHECK(f.handler.messages == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a response before the switch leaves before the 101") {
  fixture f;
  fake_stream& s = f.loop.connect_client();
  s.room = 5;
  s.arrive(std::string(another_get) + upgrade_request() + client_frame("x"));
  s.make_room(10'000);
  s.make_room(10'000);
  CHECK(s.written.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(s.written.find("HTTP/1.1 101") != std::string::npos);
  CHECK(f.handler.messages == std::vector<std::string>{"x"});
}

TEST_CASE("a refusal goes on as HTTP") {
  fixture f;
  fake_stream& s = f.loop.connect_client();
  std::string request = upgrade_request();
  std::string_view answer;
  SECTION("another version is told ours") {
    request.replace(request.find(": 13"), 4, ": 12");
    answer = "HTTP/1.1 426 Upgrade Required\r\n";
  }
  SECTION("no key") {
    request.erase(request.find("Sec-WebSocket-Key"), 45);
    answer = "HTTP/1.1 400 Bad Request\r\n";
  }
  SECTION("a request that asks for nothing of the kind") {
    request = "GET /chat HTTP/1.1\r\nHost: a\r\n\r\n";
    answer = "HTTP/1.1 426 Upgrade Required\r\n";
  }
  SECTION("a foreign page") {
    request = upgrade_request("Origin: https://evil.example\r\n");
    answer = "HTTP/1.1 403 Forbidden\r\n";
  }
  s.arrive(request + std::string(another_get));
  CHECK(f.accepted == false);
  CHECK(s.written.starts_with(answer));
  CHECK(s.written.find("\r\n\r\nHTTP/1.1 200 OK\r\n") != std::string::npos);
  CHECK(f.handler.opened + f.handler.closed == 0);
}

TEST_CASE("who may connect") {
  static constexpr std::string_view listed[] = {"https://friend.example"};
  static constexpr std::string_view all[] = {"*"};
  websocket_options options;
  std::string origin = "https://server.example.com";
  SECTION("a page of our own") {}
  SECTION("one that is listed") {
    options.origins = listed;
    origin = "https://friend.example";
  }
  SECTION("anybody, if we say so") {
    options.origins = all;
    origin = "null";
  }
  fixture f(options);
  f.opened("Origin: " + origin + "\r\n");
  CHECK(f.handler.opened == 1);
}

TEST_CASE("the first of our subprotocols that is offered") {
  static constexpr std::string_view ours[] = {"soap", "chat"};
  fixture f({.protocols = ours});
  f.handler.at_open = [](websocket_peer& peer) { CHECK(peer.protocol() == "chat"); };
  fake_stream& s = f.opened("Sec-WebSocket-Protocol: mqtt, chat\r\n");
  CHECK(f.handler.opened == 1);
  CHECK(s.written.find("\r\nSec-WebSocket-Protocol: chat\r\n") != std::string::npos);
}

TEST_CASE("an exchange is accepted later, and its body is discarded") {
  fixture f;
  f.later = true;
  fake_stream& s = f.loop.connect_client();
  std::string request = upgrade_request("Content-Length: 5\r\n") + "abcde" + client_frame("x");
  SECTION("its body has come") { s.arrive(request); }
  SECTION("its body comes later") { s.arrive(request.substr(0, request.size() - 10)); }
  CHECK(s.written.empty());
  CHECK(f.waiting->accept_websocket(f.handler));
  CHECK_FALSE(f.waiting->accept_websocket(f.handler));
  f.loop.turn();
  if (s.written.empty()) s.arrive(request.substr(request.size() - 10));
  CHECK(s.written.starts_with("HTTP/1.1 101 "));
  f.loop.turn();
  CHECK(f.handler.messages == std::vector<std::string>{"x"});
  CHECK_FALSE(f.waiting);
  CHECK(f.waiting->respond(200) == errc::connection_gone);
  CHECK_FALSE(f.waiting->accept_websocket(f.handler));
}

TEST_CASE("an exchange is accepted from the callback that is given its body") {
  fixture f;
  f.at_request = [&f](exchange& x) {
    SECTION("whole") {
      x.collect_body(100, [&f](exchange& later, const_bytes) { f.accept(later); });
    }
    SECTION("in pieces, with the last one") {
      x.read_body([&f](exchange& later, const_bytes, bool last) {
        if (last) f.accept(later);
      });
    }
    SECTION("in pieces, with the first one") {
      x.read_body([&f](exchange& later, const_bytes, bool) {
        if (!f.accepted) f.accept(later);
      });
    }
  };
  fake_stream& s = f.loop.connect_client();
  s.arrive(upgrade_request("Content-Length: 5\r\n") + "abcde" + client_frame("x"));
  CHECK(f.accepted == true);
  CHECK(s.written.starts_with("HTTP/1.1 101 "));
  CHECK(f.handler.opened == 1);
  CHECK(f.handler.closed == 0);
  CHECK(f.handler.messages == std::vector<std::string>{"x"});
}

TEST_CASE("a connection that dies before it could switch") {
  fixture f;
  fake_stream& s = f.loop.connect_client();
  s.arrive(upgrade_request("Content-Length: 5\r\n") + "ab");
  CHECK(f.accepted == true);
  s.end(error(ECONNRESET));
  CHECK(f.handler.opened == 0);
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.end == websocket_end::fault);
}

TEST_CASE("a server that drains says 1001, and a switch that came too late is refused") {
  fixture f;
  fake_stream& s = f.opened();
  fake_stream& late = f.loop.connect_client();
  late.arrive(upgrade_request("Content-Length: 1\r\n"));
  f.handler.closed = 0;
  bool drained = false;
  f.server.drain([&] { drained = true; });
  f.loop.turn();
  CHECK(behind_head(s.written) == server_frame(close_payload(1001), websocket::opcode::close));
  late.arrive("x");
  CHECK(late.written.starts_with("HTTP/1.1 503 "));
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.end == websocket_end::aborted);
  s.arrive(client_frame(close_payload(1001), websocket::opcode::close));
  CHECK(f.handler.closed == 2);
  CHECK(f.handler.outcome.code == 1001);
  CHECK(s.fins == 1);
  s.arrive_eof();
  f.loop.turn();
  CHECK_FALSE(drained);
  late.arrive_eof();
  f.loop.turn();
  f.loop.end_closed_streams();
  CHECK(drained);
}

TEST_CASE("a server that dies ends its WebSockets, and handles answer") {
  std::optional<fixture> f(std::in_place);
  static recorded_handler h;  // outlives the server
  h = {};
  fake_stream& s = f->opened();
  const websocket_handle handle = f->handler.handle;
  CHECK(handle);
  f->handler.then = nullptr;
  handle->set_handler(h);
  CHECK(handle->send("queued") == errc::ok);
  CHECK(s.aborts == 0);
  f.reset();
  CHECK(h.closed == 1);
  CHECK(h.outcome.end == websocket_end::aborted);
  CHECK_FALSE(handle);
  CHECK(handle->send("late") == errc::connection_gone);
  CHECK(handle->abort() == errc::connection_gone);
  CHECK(handle->queued() == 0);
  CHECK_FALSE(handle->address());
}

TEST_CASE("a message is gathered, and told where it lies if it lies whole in the input") {
  fixture f;
  fake_stream& s = f.opened();
  const std::string text(50'000, 't');
  const std::string bytes = client_frame(text);
  SECTION("whole") { s.arrive(bytes); }
  SECTION("in two reads") {
    s.arrive(bytes.substr(0, 777));
    s.arrive(bytes.substr(777));
  }
  SECTION("in two frames, with a ping between") {
    s.arrive(client_frame(text.substr(0, 100), websocket::opcode::text, false));
    s.arrive(client_frame("p", websocket::opcode::ping));
    s.arrive(client_frame(text.substr(100), websocket::opcode::continuation));
    CHECK(f.handler.pings == std::vector<std::string>{"p"});
  }
  REQUIRE(f.handler.messages.size() == 1);
  CHECK((f.handler.messages[0] == text));
}

TEST_CASE("what all gather together has a limit") {
  http_server_options options;
  options.websockets.gathered_bytes_max = 1000;
  fixture f({}, options);
  fake_stream& greedy = f.opened();
  fake_stream& modest = f.opened();
  const std::string large = client_frame(std::string(3000, 'x'));
  greedy.arrive(large.substr(0, 900));
  modest.arrive(large.substr(0, 50));
  greedy.written.clear();
  greedy.arrive(large.substr(900, 900));
  CHECK(greedy.written == server_frame(close_payload(1013), websocket::opcode::close));
  greedy.arrive(large.substr(1800) + client_frame(close_payload(1013), websocket::opcode::close));
  CHECK(f.handler.messages.empty());
  CHECK(f.handler.closed == 1);
  // What it held is free again.
  modest.arrive(large.substr(50, 900));
  modest.written.clear();
  CHECK(f.handler.closed == 1);
  modest.arrive(large.substr(950));
  CHECK(modest.written == server_frame(close_payload(1013), websocket::opcode::close));
}

TEST_CASE("without blocks wishes answer no_memory, and the connection goes on") {
  http_server_options options;
  options.websockets.blocks_max = 0;
  fixture f({}, options);
  fake_stream& s = f.opened();
  CHECK(f.handler.handle->send("x") == errc::no_memory);
  s.arrive(client_frame("hello"));
  CHECK(f.handler.messages == std::vector<std::string>{"hello"});
  s.written.clear();
  s.arrive(client_frame("p", websocket::opcode::ping));
  CHECK(s.written == server_frame(close_payload(1011), websocket::opcode::close));
  CHECK(f.handler.outcome.fault == websocket::fault::no_memory);
}

TEST_CASE("a server without memory for a WebSocket answers 503, and goes on") {
  fixture f;
  f.later = true;
  fake_stream& s = f.loop.connect_client();
  const bool has_block = GENERATE(true, false);
  const bool callback = GENERATE(false, true);
  INFO(has_block << callback);
  if (has_block) s.arrive(another_get);
  s.written.clear();
  s.arrive(upgrade_request());
  const auto answer = [] { FAIL("no message comes"); };
  end_memory(true);
  const bool accepted = callback
                            ? f.waiting->accept_websocket(
                                  [answer](websocket_peer&, const websocket_message&) { answer(); })
                            : f.waiting->accept_websocket(f.handler);
  end_memory(false);
  CHECK_FALSE(accepted);
  f.loop.turn();
  CHECK(f.handler.closed == 0);
  CHECK(s.aborts == (has_block ? 0 : 1));
  if (!has_block) return;
  CHECK(s.written.starts_with("HTTP/1.1 503 "));
  s.written.clear();
  s.arrive(another_get);
  CHECK(s.written.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("a message that there is no memory for ends its connection alone, with 1013") {
  fixture f;
  fake_stream& other = f.opened();
  fake_stream& s = f.opened();
  f.handler.at_ping = [](websocket_peer&) { end_memory(true); };
  s.arrive(client_frame("part", websocket::opcode::text, false));
  s.written.clear();
  s.written.reserve(1000);
  s.arrive(client_frame("", websocket::opcode::ping) +
           client_frame(std::string(100, 'x'), websocket::opcode::continuation));
  end_memory(false);
  CHECK(s.written == server_frame("", websocket::opcode::pong) +
                         server_frame(close_payload(1013), websocket::opcode::close));
  CHECK(f.handler.messages.empty());
  other.arrive(client_frame("hello"));
  CHECK(f.handler.messages == std::vector<std::string>{"hello"});
}

TEST_CASE("a peer that is held isn't read from, and goes on where it was") {
  fixture f;
  fake_stream& s = f.opened();
  f.handler.then = [](websocket_peer& peer, const websocket_message&) {
    CHECK(peer.hold() == errc::ok);
  };
  s.arrive(client_frame("one") + client_frame("two"));
  CHECK(f.handler.messages.size() == 1);
  for (int i = 0; i < 4; ++i) s.arrive(client_frame(std::string(30'000, 'x')));
  CHECK(s.paused);
  for (std::size_t n = 2; n <= 6; ++n) {
    CHECK(f.handler.handle->resume() == errc::ok);
    f.loop.turn();
    CHECK(f.handler.messages.size() == n);
  }
  CHECK(f.handler.messages[1] == "two");
  CHECK_FALSE(s.paused);
}

TEST_CASE("a peer that is held when its connection breaks is told so") {
  fixture f;
  fake_stream& s = f.opened();
  SECTION("between messages") { CHECK(f.handler.handle->hold() == errc::ok); }
  SECTION("in the middle of one") {
    s.arrive(client_frame("hello").substr(0, 8));
    CHECK(f.handler.handle->hold() == errc::ok);
  }
  SECTION("with one that waits") {
    CHECK(f.handler.handle->hold() == errc::ok);
    s.arrive(client_frame("hello"));
  }
  s.end(error(ECONNRESET));
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.fault == websocket::fault::connection_lost);
  CHECK(f.handler.outcome.end == websocket_end::fault);
}

TEST_CASE("a peer that doesn't read is told would_exceed for, and then on_drained") {
  fixture f;
  fake_stream& s = f.opened();
  s.room = 0;
  const std::string large(300'000, 'x');
  int sent = 0;
  while (f.handler.handle->send(large) == errc::ok) ++sent;
  CHECK(sent == 3);
  CHECK(f.handler.handle->send(large) == errc::would_exceed);
  f.loop.turn();
  CHECK(f.handler.drained == 0);
  s.make_room(700'000);
  CHECK(f.handler.drained == 1);
  CHECK(f.handler.handle->send(large) == errc::ok);
}

TEST_CASE("a peer is abandoned: its handler hears nothing more") {
  fixture f;
  fake_stream& s = f.opened();
  s.written.clear();
  CHECK(f.handler.handle->hold() == errc::ok);
  s.arrive(client_frame("unheard"));
  CHECK(f.handler.handle->abandon() == errc::ok);
  f.loop.turn();
  CHECK(s.written == server_frame(close_payload(1001), websocket::opcode::close));
  s.arrive(client_frame("more") + client_frame(close_payload(1001), websocket::opcode::close));
  CHECK(f.handler.messages.empty());
  CHECK(f.handler.closed == 0);
  CHECK_FALSE(f.handler.handle);
  CHECK(f.handler.handle->abandon() == errc::connection_gone);
}

TEST_CASE("counters and traces go on behind the switch") {
  http_counters counters;
  http_trace trace;
  std::uint64_t hash = 0;
  for (const std::size_t cut : {1000U, 1U}) {
    {
      http_server_options options;
      options.counters = &counters;
      options.trace = &trace;
      options.fixed_unix_seconds = 784'111'777;
      fixture f({}, options);
      f.handler.then = [](websocket_peer& peer, const websocket_message& m) {
        CHECK(peer.send_back(m) == errc::ok);
      };
      fake_stream& s = f.loop.connect_client();
      const std::string all = upgrade_request() + client_frame("abc") + client_frame("defg") +
                              client_frame("x", websocket::opcode::continuation);
      for (std::size_t at = 0; at < all.size(); at += cut) s.arrive(all.substr(at, cut));
    }
    if (hash == 0) hash = trace.hash();
  }
  CHECK(trace.hash() == 2 * hash);
  CHECK(counters.websockets.value() == 2);
  CHECK(counters.responses[1].value() == 2);
  CHECK(counters.requests_ended.value() == 2);
  CHECK(counters.requests_cut_off.value() == 0);
  CHECK(counters.websocket_messages.value() == 4);
  CHECK(counters.websocket_bytes_received.value() == 14);
  const auto wrong = static_cast<std::size_t>(websocket::fault::unexpected_continuation);
  CHECK(counters.websocket_errors[wrong].value() == 2);
}
