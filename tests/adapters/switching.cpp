// A driver of two protocols on one stream: it knows nothing of the switch, and loses nothing by it.
#include "fake_stream.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/switching.hpp>
#include <drywire/protocol/tunnel.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

using proxy_machine = switching<http1::server, tunnel::connection>;

// Opens every tunnel that is asked for, and echoes there.
struct proxy {
  explicit proxy(fake_loop& loop)
      : transport(loop.core),
        driver(
            loop.core, transport, *this, driver_options{},
            [this](const http1::server::switched&) { return tunnel::connection(memory); }, memory) {
  }

  void on_event(proxy_machine::event& event) noexcept {
    if (auto* http = std::get_if<http1::server_event>(&event)) on_http(*http);
    if (auto* bytes = std::get_if<tunnel::event>(&event)) on_tunnel(*bytes);
  }
  void on_closed(error why) noexcept { closed = why; }

  void on_http(http1::server_event& event) noexcept {
    if (!std::holds_alternative<http1::request_end>(event)) return;
    http1::server& http = *driver.call().first();
    errc done = http.switch_protocols();
    if (done != errc::ok) done = http.respond(404);
    answers.push_back(done);
  }

  void on_tunnel(tunnel::event& event) noexcept {
    tunnel::connection& tunnel = *driver.call().second();
    if (const auto* d = std::get_if<tunnel::data>(&event)) {
      received += as_text(d->bytes);
      answers.push_back(tunnel.send(d->bytes, lifetime::lent));
    } else if (std::holds_alternative<tunnel::end>(event)) {
      answers.push_back(tunnel.finish());
    } else if (const auto* e = std::get_if<tunnel::peer_error>(&event)) {
      fault = e->what;
    }
  }

  bool all_granted() const {
    return std::ranges::all_of(answers, [](errc e) { return e == errc::ok; });
  }

  testkit::heap_storage memory{http1::server::block_bytes};
  fake_stream transport;
  std::string received;
  std::vector<errc> answers;
  std::optional<tunnel::fault> fault;
  std::optional<error> closed;
  drywire::driver<proxy_machine, proxy> driver;
};

const std::string connecting = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";

// The wall clock of the test's loop stands at Sun, 06 Nov 1994 08:49:37 GMT.
const std::string opened = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

}  // namespace

TEST_CASE("a tunnel's head and its first bytes come in one read, and leave in one write") {
  fake_loop loop;
  proxy app(loop);
  app.transport.arrive(connecting + "hello");
  CHECK(app.received == "hello");
  CHECK(app.transport.written == opened + "hello");
  CHECK(app.transport.writes == 1);
  CHECK(app.all_granted());
  CHECK(app.memory.in_use() == 0);
}

TEST_CASE("a switch behind a response, in reads of one byte") {
  fake_loop loop;
  proxy app(loop);
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const char c : get + connecting + "hello") app.transport.arrive(std::string(1, c));
  CHECK(app.received == "hello");
  CHECK(app.transport.written.starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(app.transport.written.ends_with(opened + "hello"));
  CHECK(loop.core.blocks().held() == 0);
}

TEST_CASE("a stream that is full at the switch gets all of it, in order") {
  fake_loop loop;
  proxy app(loop);
  app.transport.room = 10;
  app.transport.arrive(connecting + "hello");
  // A tunnel is read from while it can't be written to.
  app.transport.arrive(", world");
  CHECK(app.received == "hello, world");
  CHECK(app.transport.written == opened.substr(0, 10));
  for (std::size_t room = 1; app.transport.written.size() < opened.size() + 12; ++room) {
    app.transport.make_room(room);
  }
  CHECK(app.transport.written == opened + "hello, world");
  CHECK(app.all_granted());
}

TEST_CASE("both directions of a tunnel end, and with them the stream") {
  fake_loop loop;
  proxy app(loop);
  app.transport.arrive(connecting + "bye");
  app.transport.arrive_eof();
  CHECK(app.transport.written == opened + "bye");
  CHECK(app.transport.fins == 1);
  CHECK(app.transport.closed.has_value());
  CHECK(app.transport.aborts == 0);
}

TEST_CASE("a stream that dies is told to the part that speaks") {
  fake_loop loop;
  proxy app(loop);
  app.transport.arrive(connecting);
  app.transport.end(error(104));
  CHECK(app.fault == tunnel::fault::connection_lost);
  REQUIRE(app.closed.has_value());
  CHECK(app.driver.call().apply(tunnel::finish{}) == errc::connection_gone);
}

TEST_CASE("a peer that doesn't read its 200 is reset by the time of the first part") {
  fake_loop loop;
  proxy app(loop);
  app.transport.room = 0;
  app.transport.arrive(connecting);
  loop.pass(seconds(31));
  CHECK(app.fault == tunnel::fault::connection_lost);
  CHECK(app.transport.aborts == 1);
}

TEST_CASE("an idle tunnel is closed by its own time") {
  fake_loop loop;
  proxy app(loop);
  app.transport.arrive(connecting);
  loop.pass(seconds(599));
  CHECK(!app.fault.has_value());
  loop.pass(seconds(2));
  CHECK(app.fault == tunnel::fault::idle_timeout);
  CHECK(app.transport.closed.has_value());
}
