// What becomes of a server's messages: told whole or in pieces, gathered, held, or dropped.
#include "websocket_served.hpp"

#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/coroutine/websocket.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

using fixture = websocket_served;
using websocket::opcode;

std::string close_frame(unsigned code) { return client_frame(close_payload(code), opcode::close); }

co::task<void> read_all(exchange_handle x, websocket_options options,
                        std::vector<std::string>& messages) {
  co::websocket ws = co_await co::accept_websocket(*x, options);
  while (const auto m = co_await ws.next_message()) messages.emplace_back(m->text());
}

}  // namespace

TEST_CASE("callbacks and coroutines get whole messages, whatever the options say of pieces") {
  const bool awaits = GENERATE(false, true);
  INFO(awaits);
  fixture f({.pieces = true});
  co::scope tasks(f.loop);
  std::vector<std::string> messages;
  f.at_request = [&](exchange& x) {
    f.accepted = true;
    if (awaits) return tasks.spawn(read_all(x.handle(), f.options, messages));
    f.accepted = x.accept_websocket(
        [&messages](websocket_peer&, const websocket_message& m) {
          messages.emplace_back(m.text());
        },
        f.options);
  };
  fake_stream& s = f.loop.connect_client();
  s.arrive(upgrade_request());
  const std::string frame = client_frame("in two reads");
  s.arrive(frame.substr(0, 10));
  s.arrive(frame.substr(10) + client_frame("whole"));
  s.arrive(close_frame(1000));
  for (int i = 0; i < 10; ++i) f.loop.turn();
  CHECK(messages == std::vector<std::string>{"in two reads", "whole"});
}

TEST_CASE("who is abandoned in the middle of a message gives back what was gathered at once") {
  http_server_options options;
  options.websockets.gathered_bytes_max = 1000;
  fixture f({}, options);
  fake_stream& s = f.opened();
  const websocket_handle first = f.handler.handle;
  const std::string part = client_frame(std::string(800, 'x'), opcode::text, false);
  s.arrive(part);
  fake_stream& other = f.opened();
  SECTION("from outside") { CHECK(first->abandon() == errc::ok); }
  SECTION("from on_ping") {
    f.handler.at_ping = [](websocket_peer& peer) { CHECK(peer.abandon() == errc::ok); };
    s.arrive(client_frame("", opcode::ping));
  }
  // A Close that isn't answered: the connection lives, and its message never ends.
  CHECK(first->open());
  other.arrive(part + client_frame("y", opcode::continuation));
  CHECK(f.handler.messages == std::vector<std::string>{std::string(800, 'x') + "y"});
}

TEST_CASE("a peer is abandoned from within on_message, whose bytes stay") {
  fixture f;
  fake_stream& s = f.opened();
  // Too long for its memory to be kept for the next one.
  const std::string part(60'000, 'x');
  std::string seen;
  f.handler.then = [&seen](websocket_peer& peer, const websocket_message& m) {
    CHECK(peer.abandon() == errc::ok);
    seen = m.text();
  };
  for (int i = 0; i < 5; ++i) {
    s.arrive(client_frame(part, i == 0 ? opcode::text : opcode::continuation, false));
  }
  s.arrive(client_frame("y", opcode::continuation) + client_frame("unheard"));
  CHECK((seen == part + part + part + part + part + "y"));
  CHECK(f.handler.messages.size() == 1);
  s.arrive(close_frame(1001));
  CHECK(f.handler.closed == 0);
  CHECK_FALSE(f.handler.handle);
}

TEST_CASE("a message is sent back to another peer: it is copied, since it dies first") {
  fixture f;
  fake_stream& s = f.opened();
  websocket_handle other;
  f.handler.then = [&other](websocket_peer&, const websocket_message& m) {
    CHECK(other->send_back(m) == errc::ok);
  };
  fake_stream& to = f.opened();
  other = f.handler.handle;
  to.written.clear();
  to.room = 0;
  const std::string text(5000, 't');
  s.arrive(client_frame(text));
  f.loop.turn();
  to.make_room(10'000);
  CHECK((to.written == server_frame(text)));
}

TEST_CASE("a peer that is held is closed: its Close is read, and its messages are dropped") {
  fixture f;
  fake_stream& s = f.opened();
  const websocket_handle peer = f.handler.handle;
  s.written.clear();
  SECTION("held, then closed") {
    CHECK(peer->hold() == errc::ok);
    s.arrive(client_frame("unheard"));
    CHECK(peer->close(4000) == errc::ok);
  }
  SECTION("in the middle of a message") {
    s.arrive(client_frame("unheard", opcode::text, false));
    CHECK(peer->hold() == errc::ok);
    s.arrive(client_frame("too", opcode::continuation));
    CHECK(peer->close(4000) == errc::ok);
  }
  SECTION("so that nothing is read any more") {
    CHECK(peer->hold() == errc::ok);
    for (int i = 0; i < 4; ++i) s.arrive(client_frame(std::string(30'000, 'x')));
    CHECK(s.paused);
    CHECK(peer->close(4000) == errc::ok);
    f.loop.turn();
    CHECK_FALSE(s.paused);
  }
  f.loop.turn();
  CHECK(s.written == server_frame(close_payload(4000), opcode::close));
  s.arrive(client_frame("unheard, too") + close_frame(4000));
  CHECK(f.handler.messages.empty());
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.code == 4000);
}

TEST_CASE("who holds a peer behind its Close loses none of its messages") {
  fixture f;
  fake_stream& s = f.opened();
  const websocket_handle peer = f.handler.handle;
  CHECK(peer->close(4000) == errc::ok);
  f.handler.then = [](websocket_peer& p, const websocket_message&) { CHECK(p.hold() == errc::ok); };
  s.arrive(client_frame("one") + client_frame("two") + close_frame(4000));
  CHECK(f.handler.messages == std::vector<std::string>{"one"});
  CHECK(f.handler.closed == 0);
  CHECK(peer->resume() == errc::ok);
  f.loop.turn();
  CHECK(f.handler.messages == std::vector<std::string>{"one", "two"});
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.code == 4000);
}

TEST_CASE("a close() that came before on_open means nothing to a hold behind it") {
  fixture f;
  f.at_request = [&f](exchange& x) {
    f.accept(x);
    CHECK(x.websocket()->close() == errc::out_of_turn);
  };
  fake_stream& s = f.opened();
  CHECK(f.handler.handle->hold() == errc::ok);
  s.arrive(client_frame("x"));
  CHECK(f.handler.handle->resume() == errc::ok);
  f.loop.turn();
  CHECK(f.handler.messages == std::vector<std::string>{"x"});
}

TEST_CASE("who holds keeps its messages when the server drains, unless it closes, too") {
  fixture f;
  fake_stream& s = f.opened();
  const websocket_handle peer = f.handler.handle;
  CHECK(peer->hold() == errc::ok);
  s.arrive(client_frame("early"));
  f.server.drain([] {});
  s.arrive(client_frame("late") + close_frame(1001));
  CHECK(f.handler.closed == 0);
  SECTION("it goes on") {
    CHECK(peer->resume() == errc::ok);
    f.loop.turn();
    CHECK(f.handler.messages == std::vector<std::string>{"early", "late"});
  }
  SECTION("it closes") {
    CHECK(peer->close() == errc::out_of_turn);
    f.loop.turn();
    CHECK(f.handler.messages.empty());
  }
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.code == 1001);
}

TEST_CASE("who awaits gets all that the peer still says behind a Close by hand") {
  fixture f;
  co::scope tasks(f.loop);
  std::vector<std::string> messages;
  const auto serve = [&](exchange_handle x) -> co::task<void> {
    co::websocket ws = co_await co::accept_websocket(*x);
    CHECK(ws.peer().close(4000) == errc::ok);
    while (const auto m = co_await ws.next_message()) messages.emplace_back(m->text());
    messages.push_back(ws.outcome().message());
  };
  f.at_request = [&](exchange& x) { tasks.spawn(serve(x.handle())); };
  fake_stream& s = f.loop.connect_client();
  s.arrive(upgrade_request() + client_frame("one") + client_frame("two") + close_frame(4000));
  for (int i = 0; i < 10; ++i) f.loop.turn();
  CHECK(messages == std::vector<std::string>{"one", "two", "closed: 4000"});
}
