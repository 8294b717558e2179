// WebSockets that are awaited, on every loop: both roles, and cancelled wherever they wait.
#include "fake_backend.hpp"
#include "websocket_fixture.hpp"
#include "websocket_raw.hpp"

#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/coroutine/websocket.hpp>

#include <catch2/generators/catch_generators_range.hpp>

#include <optional>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

// No co_await stands in a CHECK: Catch2 names its argument twice, and g++ 12 would run it twice.

co::task<void> echo(exchange_handle x, websocket_options options, std::string& ended) {
  co::websocket ws = co_await co::accept_websocket(*x, options);
  while (const auto message = co_await ws.next_message()) {
    co_await co::yield();  // what was given lives until the next is asked for
    const errc e = co_await ws.send(message->kind, message->bytes);
    if (e != errc::ok) co_return;
  }
  ended = ws.outcome().message();
}

// Both roles as coroutines.
struct fixture : websocket_fixture {
  explicit fixture(std::string_view name, const websocket_options& o = {})
      : websocket_fixture(
            name, [this](exchange& x) { at_server->spawn(echo(x.handle(), options, ended)); }),
        options(o),
        at_client(*loop) {
    at_server.emplace(*loop);
  }
  ~fixture() {
    at_server->cancel();
    at_client.cancel();
    run_until([this] { return at_server->size() + at_client.size() == 0; });
    end();
  }
  void run() {
    run_until([this] { return at_client.size() == 0; });
    CHECK(at_client.failure() == nullptr);
  }

  websocket_options options;
  std::string ended;
  std::optional<co::scope> at_server;
  co::scope at_client;
};

co::task<void> say(fixture& f, std::string text, int times, int& came) {
  co::websocket ws = co_await co::connect_websocket(f.client, f.url, f.options);
  const bool open = static_cast<bool>(ws);
  REQUIRE(open);
  for (int i = 0; i < times; ++i) {
    const errc e = co_await ws.send(text);
    CHECK(e == errc::ok);
    const auto back = co_await ws.next_message();
    REQUIRE(back.has_value());
    CHECK(back->is_text());
    came += back->text() == text ? 1 : 0;
  }
  const websocket_outcome how = co_await ws.close(4000, "bye");
  CHECK(how.code == 4000);
  CHECK_FALSE(ws);
  const auto none = co_await ws.next_message();
  CHECK_FALSE(none.has_value());
  const errc late = co_await ws.send("late");
  CHECK(late == errc::connection_gone);
}

}  // namespace

TEST_CASE("a conversation of two coroutines, on every loop") {
  const auto name = GENERATE(from_range(loop_names()));
  const bool compressed = GENERATE(false, true);
  INFO(name << (compressed ? ", compressed" : ""));
  websocket_options options;
  if (compressed) options.compression.emplace();
  fixture f(name, options);
  int came = 0;
  f.at_client.spawn(say(f, "hello", 10, came));
  f.at_client.spawn(say(f, std::string(200'000, 'x'), 3, came));
  f.run();
  CHECK(came == 13);
  f.run_until([&] { return f.at_server->size() == 0; });
  CHECK(f.ended == "closed: 4000 bye");
}

namespace {

co::task<void> send_all(co::websocket& ws, int count) {
  const std::string text(100'000, 'y');
  for (int i = 0; i < count; ++i) {
    const errc e = co_await ws.send(text);
    CHECK(e == errc::ok);
  }
}

co::task<void> read_all(co::websocket& ws, int count, int& came) {
  for (int i = 0; i < count; ++i) {
    const auto back = co_await ws.next_message();
    came += back && back->bytes.size() == 100'000 ? 1 : 0;
  }
}

co::task<void> flood(fixture& f, int count, int& came) {
  co::websocket ws = co_await co::connect_websocket(f.client, f.url, f.options);
  co_await co::when_all(send_all(ws, count), read_all(ws, count, came));
  co_await ws.close();
}

}  // namespace

TEST_CASE("a writer waits for room while a reader reads") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  websocket_options options;
  options.limits.output_bytes_max = 250'000;
  options.limits.output_low_bytes = 100'000;
  fixture f(name, options);
  int came = 0;
  f.at_client.spawn(flood(f, 40, came));
  f.run();
  CHECK(came == 40);
}

namespace {

co::task<void> fail(websocket_client& client, std::string url, websocket_outcome& how) {
  co::websocket ws = co_await co::connect_websocket(client, url);
  const bool open = static_cast<bool>(ws);
  CHECK_FALSE(open);
  how = ws.outcome();
  const auto none = co_await ws.next_message();
  CHECK_FALSE(none.has_value());
  const errc e = co_await ws.send("x");
  CHECK(e == errc::connection_gone);
  static_cast<void>(co_await ws.close());
}

}  // namespace

TEST_CASE("a coroutine is told why there is no WebSocket") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  fixture f(name);
  websocket_outcome how;
  f.at_client.spawn(fail(f.client, "ws://127.0.0.1:1/", how));
  f.run();
  CHECK(how.end == websocket_end::no_connection);
  f.at_client.spawn(fail(f.client, "wss://127.0.0.1/", how));
  f.run();
  CHECK(how.end == websocket_end::wss_unsupported);
}

namespace {

// One role on a stream that is the test's.
struct exact {
  exact()
      : server(loop,
               [this](exchange& x) { tasks.spawn(races ? race(x.handle()) : serve(x.handle())); }),
        tasks(loop) {
    REQUIRE(server.listen(endpoint::loopback_v4(8080)));
  }
  ~exact() { tasks.cancel(), settle(); }

  co::task<void> serve(exchange_handle x) {
    co::websocket ws = co_await co::accept_websocket(*x, options);
    if (!ws) {
      log += "refused;";
      co_return;
    }
    log += "open;";
    try {
      while (const auto m = co_await ws.next_message()) {
        log += std::string(m->text()) + ";";
        if (m->text() == "close") {
          const websocket_outcome how = co_await ws.close(4000);
          log += how.message() + ";";
          co_return;
        }
        const std::string_view before = m->text();
        const errc e = co_await ws.send(std::string(reply_bytes, 'r'));
        if (e != errc::ok) log += std::string(to_string(e)) + ";";
        CHECK(before == m->text());
      }
      log += ws.outcome().message() + ";";
    } catch (const co::cancelled&) {
      log += "cancelled;";
      throw;
    }
  }
  co::task<void> race(exchange_handle h) {
    co::websocket ws = co_await co::accept_websocket(*h);
    for (int i = 0; i < 3; ++i) {
      auto first = co_await co::when_any(ws.next_message(), co::sleep_for(seconds(1)));
      if (first.index() == 1) {
        log += "late;";
      } else {
        const auto& message = std::get<0>(first);
        log += message ? std::string(message->text()) + ";" : "end;";
      }
    }
  }
  void settle() {
    for (int i = 0; i < 10; ++i) loop.turn();
  }
  fake_stream& arrive(std::string_view more = {}) {
    fake_stream& s = loop.connect_client();
    s.arrive(upgrade_request() + std::string(more));
    settle();
    return s;
  }

  fake_backend loop;
  websocket_options options;
  std::string log;
  std::size_t reply_bytes = 1;
  bool races = false;
  http_server server;
  co::scope tasks;
};

constexpr auto close_frame = websocket::opcode::close;

}  // namespace

TEST_CASE("early frames wait until they are asked for") {
  exact x;
  fake_stream& s = x.arrive(client_frame("a") + client_frame("b"));
  CHECK(x.log == "open;a;b;");
  CHECK(behind_head(s.written) == server_frame("r") + server_frame("r"));
}

TEST_CASE("a task is cancelled where it waits, and the WebSocket closes in order") {
  exact x;
  fake_stream* s = nullptr;
  SECTION("for the handshake") {
    s = &x.loop.connect_client();
    s->arrive(upgrade_request("Content-Length: 1\r\n"));
    x.settle();
    x.tasks.cancel();
    x.settle();
    CHECK(x.tasks.size() == 0);
    CHECK(x.log.empty());
    CHECK(s->aborts == 1);
    return;
  }
  SECTION("for a message") { s = &x.arrive(); }
  SECTION("for a message, with one on its way") { s = &x.arrive(client_frame("a")); }
  SECTION("for room") {
    x.reply_bytes = 900'000;
    s = &x.loop.connect_client();
    s->room = 200;
    s->arrive(upgrade_request() + client_frame("a") + client_frame("b"));
    x.settle();
    CHECK(x.log == "open;a;b;");
    CHECK(x.tasks.size() == 1);
  }
  SECTION("for the peer's Close") {
    s = &x.arrive(client_frame("close"));
    CHECK(x.tasks.size() == 1);
    CHECK(behind_head(s->written) == server_frame(close_payload(4000), close_frame));
    x.tasks.cancel();
    x.settle();
    CHECK(x.log == "open;close;cancelled;");
    s->arrive(client_frame(close_payload(4000), close_frame));
    CHECK(s->fins == 1);
    return;
  }
  x.tasks.cancel();
  x.settle();
  CHECK(x.tasks.size() == 0);
  CHECK(x.log.ends_with("cancelled;"));
  s->make_room(10'000'000);
  s->arrive(client_frame("unheard"));
  CHECK(s->written.ends_with(server_frame(close_payload(1001), close_frame)));
  s->arrive(client_frame(close_payload(1001), close_frame));
  CHECK(s->fins == 1);
  CHECK(x.log.ends_with("cancelled;"));
}

TEST_CASE("a message behind one that nobody has asked for stays with the peer") {
  exact x;
  x.reply_bytes = 900'000;
  fake_stream& s = x.loop.connect_client();
  s.room = 200;
  s.arrive(upgrade_request() + client_frame("a") + client_frame("b") + client_frame("c"));
  x.settle();
  CHECK(x.log == "open;a;b;");  // for the answer to b there is no room
  s.make_room(1'000'000);
  x.settle();
  s.make_room(10'000'000);
  x.settle();
  CHECK(x.log == "open;a;b;c;");
}

TEST_CASE("the end is told behind the messages") {
  exact x;
  SECTION("a Close") {
    fake_stream& s =
        x.arrive(client_frame("a") + client_frame(close_payload(1000, "x"), close_frame));
    CHECK(x.log == "open;a;connection gone;closed: 1000 x;");
    CHECK(s.written.ends_with(server_frame(close_payload(1000), close_frame)));
  }
  SECTION("a lost connection") {
    fake_stream& s = x.arrive(client_frame("a"));
    s.end(error(ECONNRESET));
    x.settle();
    CHECK(x.log == "open;a;connection lost;");
  }
  SECTION("one that waits for room is told") {
    x.reply_bytes = 900'000;
    fake_stream& s = x.loop.connect_client();
    s.room = 200;
    s.arrive(upgrade_request() + client_frame("a") + client_frame("b"));
    x.settle();
    s.end(error(ECONNRESET));
    x.settle();
    CHECK(x.log == "open;a;b;connection gone;connection lost;");
  }
  SECTION("a refused handshake") {
    fake_stream& s = x.loop.connect_client();
    s.arrive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    x.settle();
    CHECK(x.log == "refused;");
    CHECK(s.written.starts_with("HTTP/1.1 426 "));
  }
  CHECK(x.tasks.size() == 0);
}

TEST_CASE("a read that lost against a timeout loses no message") {
  exact x;
  x.races = true;
  fake_stream& s = x.arrive();
  x.loop.pass(seconds(2));
  x.settle();
  CHECK(x.log == "late;");
  s.arrive(client_frame("a") + client_frame("b"));
  x.settle();
  CHECK(x.log == "late;a;b;");
  x.settle();
  CHECK(s.written.ends_with(server_frame(close_payload(1001), close_frame)));
}

TEST_CASE("a scope that dies destroys its WebSockets where they wait") {
  exact x;
  std::optional<co::scope> tasks(std::in_place, x.loop);
  websocket_client client(x.loop);
  websocket_outcome how;
  tasks->spawn(fail(client, "ws://1.2.3.4/", how));
  x.settle();
  REQUIRE(x.loop.wishes.size() == 1);
  tasks.reset();
  x.settle();
  x.loop.end_closed_streams();
  CHECK(client.connections() == 0);
}
