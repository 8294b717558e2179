// A connection whose events are awaited, on a stream that is all the test's.
#include "../support/allocations.hpp"
#include "fake_stream.hpp"

#include <drywire/adapters/coroutine/connection.hpp>
#include <drywire/adapters/coroutine/scope.hpp>
#include <drywire/adapters/coroutine/sleep.hpp>
#include <drywire/adapters/coroutine/when.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/line.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

using log = std::vector<std::string>;
using http = co::connection<http1::server>;
using lines = co::connection<line::connection>;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";

// No co_await stands in a CHECK: Catch2 names its argument twice, and g++ 12 would run it twice.
struct fixture {
  fake_loop loop;
  pool_storage memory{http1::server::block_bytes, 100};
  fake_stream stream{loop.core};
  co::scope tasks{loop.core};
  log seen;

  void settle() {
    while (loop.deadline <= loop.clocks.steady) loop.core.turn();
  }
  void arrive(std::string_view text) {
    stream.arrive(text);
    settle();
  }
  void pass(duration d) {
    loop.pass(d);
    settle();
  }
  void end(error why) {
    stream.end(why);
    settle();
  }
  // A case that ends before its stream does.
  ~fixture() { tasks.cancel(), settle(); }
};

std::string name_of(const http1::server::event& event) {
  if (const auto* r = std::get_if<http1::request>(&event)) return std::string(r->head->target);
  if (const auto* b = std::get_if<http1::body>(&event)) return std::string(as_text(b->bytes));
  if (const auto* e = std::get_if<http1::peer_error>(&event)) {
    return std::string(to_string(e->what));
  }
  if (std::holds_alternative<http1::request_end>(event)) return "end";
  if (std::holds_alternative<http1::exchange_over>(event)) return "over";
  if (std::holds_alternative<http1::output_low>(event)) return "low";
  return "failed";
}

// Notes every event, and answers at the end of each request.
co::task<void> serve(fixture& f, http1::limits limits = {}) {
  http c(f.loop.core, co::transport(f.stream), {}, f.memory, limits);
  while (auto event = co_await c.next_event()) {
    f.seen.push_back(name_of(*event));
    if (std::holds_alternative<http1::request_end>(*event)) {
      CHECK(c.call().respond(200, {}, text_bytes("ok")) == errc::ok);
    }
  }
  f.seen.push_back("gone");
  for (int i = 0; i < 3; ++i) {
    const bool more = (co_await c.next_event()).has_value();
    CHECK_FALSE(more);
  }
}

// Takes one event, and then its time.
template <class... Limits>
co::task<void> serve_slowly(fixture& f, duration time, Limits... limits) {
  http c(f.loop.core, co::transport(f.stream), {}, f.memory, limits...);
  while (auto event = co_await c.next_event()) {
    const std::string name = name_of(*event);
    co_await co::sleep_for(time);
    // The same bytes as before.
    CHECK(name == name_of(*event));
    f.seen.push_back(name);
    if (std::holds_alternative<http1::request_end>(*event)) {
      CHECK(c.call().respond(200, {}, text_bytes("ok")) == errc::ok);
    }
  }
  f.seen.push_back("gone");
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("sixteen pipelined requests that are awaited are one write") {
  fixture f;
  f.tasks.spawn(serve(f));
  f.settle();
  std::string batch;
  for (int i = 0; i < 16; ++i) batch += get;
  f.arrive(batch);
  CHECK(count(f.stream.written, "HTTP/1.1 200 OK") == 16);
  CHECK(f.stream.writes == 1);
  CHECK(f.loop.core.blocks().held() == 0);
}

TEST_CASE("a request that is awaited allocates nothing, nor does one that waits") {
  fixture f;
  f.seen.reserve(1000);
  f.stream.written.reserve(1'000'000);
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    http c(on.loop.core, co::transport(on.stream), {}, on.memory);
    while (auto event = co_await c.next_event()) {
      if (std::holds_alternative<http1::body>(*event)) co_await co::sleep_for(milliseconds(1));
      if (!std::holds_alternative<http1::request_end>(*event)) continue;
      if (co_await c.wish([](http1::server& m) { return m.respond(204); }) != errc::ok) break;
    }
  }(f));
  f.settle();
  const std::string requests = std::string(get) + std::string(get);
  const std::string upload = std::string(post) + "0123456789";
  const auto exchange = [&] {
    f.arrive(requests);
    f.arrive(upload);
    f.pass(milliseconds(1));
  };
  exchange();
  const std::size_t before = tests::allocations();
  for (int i = 0; i < 10; ++i) exchange();
  CHECK(tests::allocations() == before);
  CHECK(count(f.stream.written, "HTTP/1.1 204") == 33);
}

TEST_CASE("a piece of a body stays where it is while its owner sleeps, whatever arrives") {
  fixture f;
  f.tasks.spawn(serve_slowly(f, seconds(1)));
  f.settle();
  f.arrive(post);
  f.pass(seconds(1));
  f.arrive("01234");
  CHECK(f.loop.core.blocks().held() == 1);
  f.arrive("567");
  f.arrive("89");
  for (int i = 0; i < 6; ++i) f.pass(seconds(1));
  CHECK(f.seen == log{"/", "01234", "56789", "end", "over"});
  CHECK(f.loop.core.blocks().held() == 0);
}

TEST_CASE("a request that is held holds no block of the loop, nor does a rest behind it") {
  fixture f;
  f.tasks.spawn(serve_slowly(f, seconds(60)));
  f.settle();
  f.arrive(std::string(get) + std::string(get) + "GET /half");
  CHECK(f.loop.core.blocks().held() == 0);
  f.arrive("-way HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 10; ++i) f.pass(seconds(60));
  CHECK(count(f.stream.written, "HTTP/1.1 200 OK") == 3);
}

TEST_CASE("the time that a coroutine takes isn't held against its peer") {
  fixture f;
  f.tasks.spawn(serve_slowly(f, seconds(300)));
  f.settle();
  f.arrive(post);
  f.arrive("01234");
  f.arrive("56789");
  f.arrive(get);
  for (int i = 0; i < 8; ++i) f.pass(seconds(300));
  CHECK(f.seen == log{"/", "01234", "56789", "end", "/", "over", "end", "over"});
  // And then it is the peer's again.
  f.pass(seconds(59));
  CHECK(f.seen.size() == 8);
  f.pass(seconds(1));
  f.pass(seconds(300));
  REQUIRE(f.seen.size() == 9);
  CHECK(f.seen.back() == "idle timeout");
}

TEST_CASE("a peer that stalls a body while it is awaited runs out of time") {
  fixture f;
  f.tasks.spawn(serve(f));
  f.settle();
  f.arrive(post);
  f.arrive("01234");
  f.pass(seconds(29));
  CHECK(f.seen == log{"/", "01234"});
  f.pass(seconds(1));
  CHECK(f.seen == log{"/", "01234", "body timeout"});
  CHECK(f.stream.written.starts_with("HTTP/1.1 408 "));
}

TEST_CASE("what came before the FIN is told before the end, though nobody awaited it") {
  fixture f;
  f.tasks.spawn(serve_slowly(f, seconds(1)));
  f.settle();
  f.arrive(post);
  f.arrive("01234");
  f.arrive("56789");
  f.stream.arrive_eof();
  f.settle();
  for (int i = 0; i < 8; ++i) f.pass(seconds(1));
  CHECK(f.seen == log{"/", "01234", "56789", "end", "over"});
  CHECK(count(f.stream.written, "HTTP/1.1 200 OK") == 1);
  CHECK(f.stream.closed.has_value());
  f.end({});
  CHECK(f.seen.back() == "gone");
  CHECK(f.tasks.size() == 0);
}

TEST_CASE("what came before a reset is told before it, then the end for ever") {
  fixture f;
  f.tasks.spawn(serve_slowly(f, seconds(1)));
  f.settle();
  f.arrive(post);
  f.arrive("01234");
  f.arrive("567");
  f.end(error(ECONNRESET));
  for (int i = 0; i < 8; ++i) f.pass(seconds(1));
  CHECK(f.seen == log{"/", "01234", "567", "failed", "gone"});
  CHECK(f.tasks.size() == 0);
  CHECK(f.loop.core.blocks().held() == 0);
}

TEST_CASE("a stream that dies while its event is awaited ends it") {
  fixture f;
  f.tasks.spawn(serve(f));
  f.settle();
  f.end(error(ECONNRESET));
  CHECK(f.seen == log{"gone"});
  CHECK(f.tasks.size() == 0);
}

TEST_CASE("a stream that died before it had a connection is the end") {
  fixture f;
  co::transport held(f.stream);
  CHECK(f.stream.paused);
  f.stream.end(error(ECONNRESET));
  CHECK_FALSE(held);
  f.tasks.spawn([](fixture& on, co::transport from) -> co::task<void> {
    http c(on.loop.core, std::move(from), {}, on.memory);
    const bool more = (co_await c.next_event()).has_value();
    CHECK_FALSE(more);
    CHECK(c.death().code() == ECONNRESET);
    const errc answer = co_await c.wish([](http1::server& m) { return m.respond(200); });
    CHECK(answer == errc::connection_gone);
    on.seen.push_back("gone");
  }(f, std::move(held)));
  f.settle();
  CHECK(f.seen == log{"gone"});
}

TEST_CASE("output goes on leaving while an event is held") {
  fixture f;
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    http c(on.loop.core, co::transport(on.stream), {}, on.memory);
    static_cast<void>(co_await c.next_event());
    CHECK(c.call().respond(200, {}, text_bytes("hello")) == errc::ok);
    co_await co::sleep_for(seconds(3600));
  }(f));
  f.settle();
  f.stream.room = 10;
  f.arrive(get);
  CHECK(f.stream.written.size() == 10);
  f.stream.make_room(10);
  CHECK(f.stream.written.size() == 20);
  f.stream.make_room(1000);
  CHECK(f.stream.written.ends_with("hello"));
}

TEST_CASE("send() waits for room, and goes on when there is some") {
  fixture f;
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    http c(on.loop.core, co::transport(on.stream), {}, on.memory,
           http1::limits{.output_bytes_max = 1000});
    static_cast<void>(co_await c.next_event());
    CHECK(c.call().start_response(200, {}, 5000) == errc::ok);
    const std::string piece(500, 'x');
    for (int i = 0; i < 10; ++i) {
      const errc answer = co_await c.send(text_bytes(piece));
      CHECK(answer == errc::ok);
      on.seen.push_back("sent");
    }
    CHECK(c.call().finish() == errc::ok);
    while (co_await c.next_event()) {
    }
  }(f));
  f.settle();
  f.stream.room = 0;
  f.arrive(get);
  CHECK(f.seen.size() < 3);
  const std::size_t before = f.seen.size();
  f.pass(seconds(1));
  CHECK(f.seen.size() == before);
  f.stream.make_room(1000);
  f.settle();
  CHECK(f.seen.size() > before);
  CHECK(f.seen.size() < 10);
  f.stream.make_room(100'000);
  f.settle();
  CHECK(f.seen.size() == 10);
  CHECK(count(f.stream.written, std::string(5000, 'x')) == 1);
}

TEST_CASE("send() that waits is told when the connection ends") {
  for (const bool by_timeout : {false, true}) {
    CAPTURE(by_timeout);
    fixture f;
    f.tasks.spawn([](fixture& on) -> co::task<void> {
      http c(on.loop.core, co::transport(on.stream), {}, on.memory,
             http1::limits{.output_bytes_max = 1000, .write_timeout = seconds(5)});
      static_cast<void>(co_await c.next_event());
      CHECK(c.call().start_response(200) == errc::ok);
      const std::string piece(500, 'x');
      errc answer = errc::ok;
      while (answer == errc::ok) answer = co_await c.send(text_bytes(piece));
      on.seen.emplace_back(to_string(answer));
      while (auto event = co_await c.next_event()) on.seen.push_back(name_of(*event));
      on.seen.push_back("gone");
    }(f));
    f.settle();
    f.stream.room = 0;
    f.arrive(get);
    CHECK(f.seen.empty());
    if (by_timeout) {
      f.pass(seconds(5));
      CHECK(f.seen == log{"connection gone", "write timeout"});
      CHECK(f.stream.aborts == 1);
      f.end({});
      CHECK(f.seen.back() == "gone");
    } else {
      f.end(error(ECONNRESET));
      CHECK(f.seen == log{"connection gone", "end", "failed", "gone"});
    }
  }
}

TEST_CASE("a peer that reads nothing runs out of time though nobody awaits an event") {
  fixture f;
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    http c(on.loop.core, co::transport(on.stream), {}, on.memory);
    static_cast<void>(co_await c.next_event());
    CHECK(c.call().respond(200, {}, text_bytes("hello")) == errc::ok);
    co_await co::sleep_for(seconds(3600));
    while (auto event = co_await c.next_event()) on.seen.push_back(name_of(*event));
  }(f));
  f.settle();
  f.stream.room = 10;
  f.arrive(get);
  f.pass(seconds(31));
  CHECK(f.stream.aborts == 1);
  f.end({});
  f.pass(seconds(3600));
  CHECK(f.seen == log{"write timeout"});
}

TEST_CASE("an exception between two events drops the connection") {
  fixture f;
  f.tasks.spawn(
      [](fixture& on) -> co::task<void> {
        http c(on.loop.core, co::transport(on.stream), {}, on.memory);
        static_cast<void>(co_await c.next_event());
        throw std::runtime_error("no");
      }(f),
      co::on_failure::forget);
  f.settle();
  CHECK(f.stream.aborts == 0);
  f.arrive(post);
  CHECK(f.stream.aborts == 1);
  CHECK_FALSE(f.stream.has_handler());
  CHECK(f.tasks.size() == 0);
}

TEST_CASE("cancelling drops a connection that waits for an event, or for room") {
  for (const bool for_room : {false, true}) {
    CAPTURE(for_room);
    fixture f;
    f.tasks.spawn([](fixture& on, bool sends) -> co::task<void> {
      http c(on.loop.core, co::transport(on.stream), {}, on.memory);
      static_cast<void>(co_await c.next_event());
      const std::string piece(500'000, 'x');
      if (sends) CHECK(c.call().start_response(200) == errc::ok);
      while (sends) static_cast<void>(co_await c.send(text_bytes(piece)));
      static_cast<void>(co_await c.next_event());
      static_cast<void>(co_await c.next_event());
    }(f, for_room));
    f.settle();
    f.stream.room = 0;
    f.arrive(get);
    CHECK(f.tasks.size() == 1);
    f.tasks.cancel();
    f.settle();
    CHECK(f.tasks.size() == 0);
    CHECK(f.stream.aborts == 1);
  }
}

TEST_CASE("a connection that dies gives the end to the coroutine that awaits it") {
  fixture f;
  auto c = std::make_unique<http>(f.loop.core, co::transport(f.stream), driver_options{}, f.memory);
  f.tasks.spawn([](http& on, log& seen) -> co::task<void> {
    if (!co_await on.next_event()) seen.push_back("end");
  }(*c, f.seen));
  f.settle();
  c.reset();
  f.settle();
  CHECK(f.seen == log{"end"});
  CHECK(f.stream.aborts == 1);
}

TEST_CASE("a connection that dies between an event and its coroutine's turn is the end") {
  fixture f;
  auto c = std::make_unique<http>(f.loop.core, co::transport(f.stream), driver_options{}, f.memory);
  f.tasks.spawn([](http& on, log& seen) -> co::task<void> {
    if (!co_await on.next_event()) seen.push_back("end");
  }(*c, f.seen));
  f.settle();
  {
    loop_core::callback_scope scope(f.loop.core);
    f.stream.arrive(get);
    c.reset();
  }
  f.settle();
  CHECK(f.seen == log{"end"});
}

TEST_CASE("a connection that dies while a branch with its event waits for others is the end") {
  fixture f;
  auto c = std::make_unique<http>(f.loop.core, co::transport(f.stream), driver_options{}, f.memory);
  f.arrive(get);
  f.tasks.spawn([](http& on, log& seen) -> co::task<void> {
    const auto both = co_await co::when_all(on.next_event(), co::sleep_for(seconds(1)));
    if (!std::get<0>(both)) seen.push_back("end");
  }(*c, f.seen));
  f.settle();
  c.reset();
  f.pass(seconds(1));
  CHECK(f.seen == log{"end"});
}

TEST_CASE("a coroutine that dies while it awaits leaves the connection usable") {
  fixture f;
  http c(f.loop.core, co::transport(f.stream), driver_options{}, f.memory);
  {
    co::scope short_lived(f.loop.core);
    short_lived.spawn(
        [](http& on) -> co::task<void> { static_cast<void>(co_await on.next_event()); }(c));
    f.settle();
  }
  f.arrive(get);
  f.tasks.spawn([](http& on, log& seen) -> co::task<void> {
    seen.push_back(name_of(*co_await on.next_event()));
  }(c, f.seen));
  f.settle();
  CHECK(f.seen == log{"/"});
}

TEST_CASE("when_any loses no event: it is given to who asks next") {
  fixture f;
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    lines c(on.loop.core, co::transport(on.stream), {}, on.memory);
    for (int i = 0; i < 100; ++i) {
      auto first = co_await co::when_any(co::sleep_for(seconds(1)), c.next_event());
      if (first.index() == 0) {
        on.seen.push_back("late");
        continue;
      }
      auto& event = std::get<1>(first);
      if (!event) break;
      if (const auto* t = std::get_if<line::text>(&*event)) on.seen.emplace_back(as_text(t->bytes));
    }
  }(f));
  f.settle();
  f.pass(seconds(1));
  // Its timer and the line come in one turn, in this order: the timer wins.
  struct line_later final : timer {
    explicit line_later(fixture& on) : f(on) {}
    void on_timer() noexcept override { f.stream.arrive("one\ntwo\n"); }
    fixture& f;
  } arriving(f);
  f.loop.core.arm(arriving, f.loop.clocks.steady + seconds(1));
  f.loop.pass(seconds(1));
  f.settle();
  f.pass(seconds(1));
  f.arrive("three\n");
  f.tasks.cancel();
  f.settle();
  log without;
  for (const std::string& s : f.seen) {
    if (s != "late") without.push_back(s);
  }
  CHECK(without == log{"one", "two", "three"});
  CHECK(f.seen[1] == "late");
  CHECK(f.seen[2] == "one");
}

TEST_CASE("a flood of events that are ready leaves others their turn") {
  fixture f;
  int turns = 0;
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    lines c(on.loop.core, co::transport(on.stream), {}, on.memory);
    while (co_await c.next_event()) on.seen.emplace_back();
  }(f));
  f.tasks.spawn([](int& n) -> co::task<void> {
    for (;; ++n) co_await co::yield();
  }(turns));
  for (int i = 0; i < 3; ++i) f.loop.core.turn();
  const int before = turns;
  std::string flood;
  for (int i = 0; i < 30'000; ++i) flood += "x\n";
  f.stream.arrive(flood);
  for (int i = 0; i < 1000 && f.seen.size() < 30'000; ++i) f.loop.core.turn();
  CHECK(f.seen.size() == 30'000);
  CHECK(turns - before >= 25);
  f.tasks.cancel();
}

TEST_CASE("an echo without a copy, to a peer that reads slowly, stays bounded and whole") {
  fixture f;
  f.tasks.spawn([](fixture& on) -> co::task<void> {
    http c(on.loop.core, co::transport(on.stream), {}, on.memory);
    while (auto event = co_await c.next_event()) {
      if (std::holds_alternative<http1::request>(*event)) {
        CHECK(c.call().start_response(200) == errc::ok);
      } else if (const auto* b = std::get_if<http1::body>(&*event)) {
        const errc answer = co_await c.wish(
            [b](http1::server& m) { return m.send(b->bytes, http1::lifetime::lent); });
        CHECK(answer == errc::ok);
      } else if (std::holds_alternative<http1::request_end>(*event)) {
        CHECK(c.call().finish() == errc::ok);
      }
    }
  }(f));
  f.settle();
  f.arrive("POST / HTTP/1.0\r\nContent-Length: 1000000\r\n\r\n");
  f.stream.room = 1000;
  const std::string piece(50'000, 'x');
  int arrived = 0;
  while (!f.stream.paused && arrived < 20) {
    f.arrive(piece);
    ++arrived;
  }
  CHECK(f.stream.paused);
  CHECK(arrived < 5);
  f.stream.make_room(std::size_t{1} << 30);
  f.settle();
  for (; arrived < 20; ++arrived) f.arrive(piece);
  const std::string_view written = f.stream.written;
  CHECK((written.substr(written.find("\r\n\r\n") + 4) == std::string(1'000'000, 'x')));
  CHECK(f.loop.core.blocks().held() == 0);
}
