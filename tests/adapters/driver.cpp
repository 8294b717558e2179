// The driver's law, with the `line` protocol on a stream that is all the test's.
#include "fake_stream.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/line.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

// Echoes each line, twice when asked to by `copies`.
struct echo {
  explicit echo(fake_loop& loop, const line::limits& limits = {},
                const driver_options& options = {})
      : transport(loop.core), driver(loop.core, transport, *this, options, memory, limits) {}

  void on_event(line::event& event) noexcept {
    if (const auto* t = std::get_if<line::text>(&event)) {
      lines.emplace_back(as_text(t->bytes));
      for (int i = 0; i < copies; ++i) answers.push_back(driver.call().send(t->bytes));
    } else if (std::holds_alternative<line::end>(event)) {
      ended = true;
      if (finish_at_end) answers.push_back(driver.call().finish());
    } else {
      fault = std::get<line::peer_error>(event).what;
    }
  }
  void on_closed(error why) noexcept { closed = why; }

  testkit::heap_storage memory;
  fake_stream transport;
  int copies = 1;
  bool finish_at_end = true;
  std::vector<std::string> lines;
  std::vector<errc> answers;
  bool ended = false;
  std::optional<line::fault> fault;
  std::optional<error> closed;
  drywire::driver<line::connection, echo> driver;
};

}  // namespace

TEST_CASE("many lines in one read leave in one write") {
  fake_loop loop;
  echo app(loop);
  app.transport.arrive("one\ntwo\nthree\n");
  CHECK(app.lines == std::vector<std::string>{"one", "two", "three"});
  CHECK(app.transport.written == "one\ntwo\nthree\n");
  CHECK(app.transport.writes == 1);
}

TEST_CASE("a line in pieces is one line, and nothing is kept of lent bytes") {
  fake_loop loop;
  echo app(loop);
  for (const char c : std::string("hello\n")) app.transport.arrive(std::string(1, c));
  CHECK(app.lines == std::vector<std::string>{"hello"});
  CHECK(app.transport.written == "hello\n");
  CHECK(loop.core.blocks().held() == 0);
}

TEST_CASE("while the stream is full nothing goes in, and no byte is lost") {
  fake_loop loop;
  echo app(loop);
  app.transport.room = 2;
  app.transport.arrive("first\n");
  CHECK(app.transport.written == "fi");
  app.transport.arrive("second\nthi");
  app.transport.arrive("rd\n");
  CHECK(app.lines == std::vector<std::string>{"first"});

  app.transport.make_room(1000);
  CHECK(app.lines == std::vector<std::string>{"first", "second", "third"});
  CHECK(app.transport.written == "first\nsecond\nthird\n");
}

TEST_CASE("reading stops at the limit of what is kept, and goes on below it") {
  fake_loop loop;
  echo app(loop);
  app.transport.room = 0;
  app.transport.arrive("x\n");
  const std::string much(kept_bytes_max / 2, 'y');
  app.transport.arrive("y\n" + much.substr(2));
  CHECK_FALSE(app.transport.paused);
  app.transport.arrive("y\n" + much.substr(2));
  CHECK(app.transport.paused);

  app.transport.make_room(10'000'000);
  CHECK_FALSE(app.transport.paused);
}

TEST_CASE("the FIN is told behind all that came before it") {
  fake_loop loop;
  echo app(loop);
  app.transport.room = 0;
  app.transport.arrive("a\n");
  app.transport.arrive("b\n");
  app.transport.arrive_eof();
  CHECK(app.lines == std::vector<std::string>{"a"});
  CHECK_FALSE(app.ended);

  app.transport.make_room(1000);
  CHECK(app.lines == std::vector<std::string>{"a", "b"});
  CHECK(app.ended);
  CHECK(app.transport.written == "a\nb\n");
  CHECK(app.transport.fins == 1);
  CHECK(app.transport.closed.has_value());
  CHECK(app.transport.aborts == 0);
}

TEST_CASE("a half-close is made once, behind the output") {
  fake_loop loop;
  echo app(loop);
  CHECK(app.driver.call().send(text_bytes("bye")) == errc::ok);
  CHECK(app.driver.call().finish() == errc::ok);
  CHECK(app.transport.written.empty());
  loop.core.turn();
  CHECK(app.transport.written == "bye\n");
  CHECK(app.transport.fins == 1);
  CHECK_FALSE(app.transport.closed.has_value());
  app.transport.arrive("still here\n");
  CHECK(app.lines == std::vector<std::string>{"still here"});
  CHECK(app.answers == std::vector<errc>{errc::out_of_turn});
  CHECK(app.transport.fins == 1);
}

TEST_CASE("calls from outside leave in one write at the end of the turn") {
  fake_loop loop;
  echo app(loop);
  {
    loop_core::callback_scope scope(loop.core);
    for (int i = 0; i < 10; ++i) CHECK(app.driver.call().send(text_bytes("tick")) == errc::ok);
    CHECK(app.transport.writes == 0);
  }
  CHECK(app.transport.writes == 1);
  CHECK(app.transport.written.size() == 50);
}

TEST_CASE("a timeout of the machine ends the connection in order") {
  fake_loop loop;
  echo app(loop, {.idle_timeout = seconds(5), .linger_timeout = seconds(1)});
  loop.pass(seconds(4));
  CHECK_FALSE(app.fault.has_value());
  loop.pass(seconds(2));
  CHECK(app.fault == line::fault::idle_timeout);
  loop.pass(seconds(2));
  CHECK(app.transport.closed.has_value());
}

TEST_CASE("a timeout takes effect while the stream is full, too") {
  fake_loop loop;
  echo app(loop, {.idle_timeout = seconds(5), .linger_timeout = seconds(1)});
  app.transport.room = 0;
  app.transport.arrive("x\n");
  loop.pass(seconds(6));
  CHECK(app.fault == line::fault::idle_timeout);
}

TEST_CASE("a deadline that moves on is re-armed lazily") {
  fake_loop loop;
  echo app(loop, {.idle_timeout = seconds(5)});
  const instant first = loop.deadline;
  loop.clocks.steady = loop.clocks.steady + seconds(3);
  app.transport.arrive("activity\n");
  CHECK(loop.deadline == first);
  loop.pass(seconds(2));
  CHECK_FALSE(app.fault.has_value());
  CHECK(loop.deadline == first + seconds(3));
}

TEST_CASE("a transport that dies is told to the machine, then to the application") {
  fake_loop loop;
  echo app(loop);
  app.transport.arrive("half a li");
  app.transport.end(error(104));
  CHECK(app.fault == line::fault::connection_lost);
  REQUIRE(app.closed.has_value());
  CHECK(app.closed->code() == 104);
  CHECK(app.driver.transport() == nullptr);
  CHECK(app.driver.call().send(text_bytes("late")) == errc::connection_gone);
  loop.core.turn();
  CHECK(app.transport.written.empty());
}

TEST_CASE("a driver that dies first drops its stream") {
  fake_loop loop;
  fake_stream transport(loop.core);
  echo app(loop);
  {
    driver<line::connection, echo> short_lived(loop.core, transport, app, driver_options{},
                                               app.memory);
  }
  CHECK(transport.aborts == 1);
  transport.end({});
  CHECK_FALSE(app.closed.has_value());
}

TEST_CASE("an observer sees events and exactly what the stream accepted") {
  struct recorder final : driver_observer<line::connection> {
    void on_event(const line::event&) noexcept override { ++events; }
    void on_output(const_bytes b) noexcept override { output += as_text(b); }
    void on_fin() noexcept override { ++fins; }
    int events = 0;
    int fins = 0;
    std::string output;
  } observer;
  fake_loop loop;
  echo app(loop);
  app.driver.observe(&observer);
  app.transport.room = 3;
  app.transport.arrive("first\nsecond\n");
  CHECK(observer.output == "fir");
  app.transport.arrive_eof();
  app.transport.make_room(1000);
  CHECK(observer.output == "first\nsecond\n");
  CHECK(observer.events == 3);
  CHECK(observer.fins == 1);
}

TEST_CASE("a client is offered its early response while the stream takes no more of the request") {
  struct uploader {
    explicit uploader(fake_loop& loop)
        : transport(loop.core), driver(loop.core, transport, *this, driver_options{}, memory) {}
    void on_event(http1::client::event& event) noexcept {
      if (const auto* r = std::get_if<http1::response>(&event)) status = r->head->status;
    }
    void on_closed(error) noexcept {}

    testkit::heap_storage memory{http1::client::block_bytes};
    fake_stream transport;
    unsigned status = 0;
    drywire::driver<http1::client, uploader> driver;
  };
  fake_loop loop;
  uploader app(loop);
  app.transport.room = 10;
  const std::string much(100'000, 'x');
  REQUIRE(app.driver.call().send_request("POST", "/", {{"Host", "a"}}, text_bytes(much)) ==
          errc::ok);
  loop.core.turn();
  CHECK(app.transport.written == "POST / HTT");

  app.transport.arrive("HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  CHECK(app.status == 413);
  // Nothing is left to write, so the connection ends though the stream never takes more.
  CHECK(app.transport.closed == driver_options{}.flush_timeout);
}
