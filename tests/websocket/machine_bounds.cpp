// What a peer can't do, whatever the application does: get past a hold, and make the output grow.
#include "fixture.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <limits>

using namespace websocket_test;

TEST_CASE("websocket: nothing behind text that isn't UTF-8 is told while it is held") {
  fixture f;
  std::string bytes = up(text, "abc\xff") + up(ping, "p") + up(closing, status(1000));
  const mutable_bytes lent = std::as_writable_bytes(std::span(bytes));
  {
    auto cursor = f.machine.receive(lent);
    const auto piece = cursor.next();
    REQUIRE(piece);
    CHECK(fixture::brief(*piece) == R"(text> "abc")");
    CHECK(f.machine.hold() == errc::ok);
    CHECK_FALSE(cursor.next());
    f.kept = as_text(cursor.remaining());
  }
  CHECK(f.receive().empty());
  CHECK(f.output().empty());
  SECTION("the fault comes when it goes on") {
    CHECK(f.machine.resume() == errc::ok);
    CHECK(f.receive() == wrong(fault::invalid_utf8));
    CHECK(f.output() == down(closing, status(1007)));
  }
  SECTION("a transport that is lost doesn't wait") {
    CHECK(f.eof(false) == wrong(fault::connection_lost));
  }
  SECTION("a FIN does") {
    CHECK(f.eof().empty());
    CHECK(f.machine.resume() == errc::ok);
    CHECK(f.receive() == wrong(fault::invalid_utf8));
  }
}

TEST_CASE("websocket: one ping of ours waits at most, however long the peer doesn't read") {
  websocket::limits l;
  l.write_timeout = duration::max();
  fixture f(role::server, l);
  f.at(0);
  for (int i = 1; i <= 100; ++i) {
    f.at(seconds(40 * i));
    f.receive(pong);  // it speaks, but doesn't listen
  }
  CHECK(f.machine.queued() == 2);
  CHECK(f.output() == down(ping));
  f.at(seconds(40 * 101));
  CHECK(f.output() == down(ping));
}

TEST_CASE("websocket: messages of nothing stop at the output's limit, too") {
  websocket::limits l;
  l.output_bytes_max = 1000;
  l.output_low_bytes = 500;
  fixture f(role::client, l);
  int sent = 0;
  while (sent < 10'000 && f.machine.start_message(kind::text) == errc::ok) {
    CHECK(f.machine.finish_message() == errc::ok);
    ++sent;
  }
  CHECK(f.machine.queued() <= 1000 + websocket::frame_header_bytes_max);
  CHECK(f.machine.start_message(kind::text) == errc::would_exceed);
  CHECK_FALSE(f.machine.message_open());
  f.output();
  CHECK(f.receive() == lines{"low"});
  CHECK(f.machine.start_message(kind::text) == errc::ok);
}

TEST_CASE("websocket: a limit of the output that is turned off is none") {
  websocket::limits l;
  l.output_bytes_max = std::numeric_limits<std::uint32_t>::max();
  fixture f(role::server, l);
  const std::string some(1000, 'x');
  // Nobody looks at them before they leave.
  const const_bytes huge(text_bytes(some).data(), std::size_t{5} << 30);
  CHECK(f.machine.send(kind::binary, huge, lifetime::stable) == errc::ok);
  CHECK(f.machine.send(kind::binary, text_bytes(some)) == errc::ok);
  CHECK(f.machine.send(kind::binary, huge, lifetime::lent) == errc::ok);
}

TEST_CASE("websocket: short compressed messages take about as much memory as their bytes") {
  testkit::heap_storage deflate_memory(256 * 1024);
  websocket::tools t;
  t.deflate.emplace();
  t.compression.own_context = GENERATE(false, true);
  t.deflate_memory = &deflate_memory;
  websocket::limits l;
  l.output_bytes_max = 64 * 1024;
  fixture f(GENERATE(role::server, role::client), l, t, websocket::connection::block_bytes);
  const std::string message(64, 'a');
  while (f.send(message) == errc::ok) {
  }
  CHECK(f.machine.queued() > l.output_bytes_max - 64);
  // As copies, and one block for the codec.
  CHECK(f.memory.in_use() <= l.output_bytes_max / (websocket::connection::block_bytes - 120) + 3);
}
