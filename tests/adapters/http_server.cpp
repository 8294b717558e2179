#include "../support/allocations.hpp"
#include "fake_backend.hpp"

#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

struct fixture {
  explicit fixture(http_server::handler handler, http_server_options options = {})
      : server(loop, std::move(handler), options) {
    REQUIRE(server.listen(endpoint::loopback_v4(0)));
  }

  fake_backend loop;
  http_server server;
};

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

std::string_view body_of(std::string_view response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

void hello(exchange& x) {
  CHECK(x.respond(200, {{"Content-Type", "text/plain"}}, "hello\n") == errc::ok);
}

void echo(exchange& x) {
  CHECK(x.start(200) == errc::ok);
  x.read_body([](exchange& ex, const_bytes piece, bool last) {
    CHECK((last ? ex.finish() : ex.send_back(piece)) == errc::ok);
  });
}

// What a trace of `input`, in pieces of `cut` bytes, adds up to.
std::uint64_t hash_of_echo(std::string_view input, std::size_t cut) {
  http_trace trace;
  {
    fixture f(echo, {.trace = &trace});
    fake_stream& client = f.loop.connect_client();
    for (; !input.empty(); input.remove_prefix(std::min(cut, input.size()))) {
      client.arrive(input.substr(0, cut));
    }
    client.arrive_eof();
  }
  CHECK(trace.connections() == 1);
  return trace.hash();
}

}  // namespace

TEST_CASE("a request is answered in one write") {
  fixture f(hello);
  fake_stream& client = f.loop.connect_client();
  client.arrive(get);
  CHECK(client.written.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(client.written.find("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n") != std::string::npos);
  CHECK(body_of(client.written) == "hello\n");
  CHECK(client.writes == 1);
  CHECK_FALSE(client.closed.has_value());
}

TEST_CASE("sixteen pipelined requests are one write, and nothing is allocated") {
  fixture f([](exchange& x) {
    if (x.respond(200, {{"Content-Type", "text/plain"}}, "hello\n") != errc::ok) std::abort();
  });
  fake_stream& client = f.loop.connect_client();
  std::string batch;
  for (int i = 0; i < 16; ++i) batch += get;
  client.written.reserve(1'000'000);
  client.arrive(batch);
  client.arrive(batch);

  const int writes = client.writes;
  const std::size_t before = tests::allocations();
  for (int i = 0; i < 10; ++i) client.arrive(batch);
  CHECK(tests::allocations() == before);
  CHECK(client.writes == writes + 10);
  CHECK(count(client.written, "HTTP/1.1 200 OK") == 12 * 16);
}

TEST_CASE("a body is streamed back") {
  fixture f(echo);
  fake_stream& client = f.loop.connect_client();
  client.arrive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  client.arrive("56789");
  CHECK(body_of(client.written) == "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n");
}

TEST_CASE("an echo to a peer that doesn't read stays bounded and loses nothing") {
  fixture f(echo);
  fake_stream& client = f.loop.connect_client();
  client.arrive("POST / HTTP/1.0\r\nContent-Length: 1000000\r\n\r\n");
  client.room = 1000;
  const std::string piece(50'000, 'x');
  int arrived = 0;
  while (!client.paused && arrived < 20) {
    client.arrive(piece);
    ++arrived;
  }
  CHECK(client.paused);
  CHECK(arrived < 5);
  client.make_room(std::size_t{1} << 30);
  CHECK_FALSE(client.paused);
  for (; arrived < 20; ++arrived) client.arrive(piece);
  CHECK((body_of(client.written) == std::string(1'000'000, 'x')));
}

TEST_CASE("a body is collected, and one over its limit is refused") {
  std::string got;
  fixture f([&got](exchange& x) {
    x.collect_body(8, [&got](exchange& ex, const_bytes body) {
      got = as_text(body);
      CHECK(ex.respond(204) == errc::ok);
    });
  });
  fake_stream& client = f.loop.connect_client();
  client.arrive("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.arrive("5\r\ndefgh\r\n0\r\n\r\n");
  CHECK(got == "abcdefgh");
  CHECK(client.written.starts_with("HTTP/1.1 204 No Content\r\n"));

  fake_stream& other = f.loop.connect_client();
  other.arrive("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabcdefghi");
  CHECK(got == "abcdefgh");
  CHECK(other.written.starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a 100 (Continue) goes out when the body is asked for, and not before") {
  exchange_handle waiting;
  fixture f([&waiting](exchange& x) { waiting = x.handle(); });
  fake_stream& client = f.loop.connect_client();
  client.arrive("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.written.empty());
  waiting->collect_body(10, [](exchange& x, const_bytes body) {
    CHECK(x.respond(200, {}, as_text(body)) == errc::ok);
  });
  f.loop.turn();
  CHECK(client.written == "HTTP/1.1 100 Continue\r\n\r\n");
  client.arrive("ok");
  CHECK(client.written.ends_with("ok"));
}

TEST_CASE("a request may be answered later, by a handle") {
  exchange_handle later;
  fixture f([&later](exchange& x) { later = x.handle(); });
  fake_stream& client = f.loop.connect_client();
  client.arrive(get);
  client.arrive(get);
  CHECK(client.written.empty());
  REQUIRE(later);
  exchange_handle first = later;
  CHECK(first->respond(200, {}, "one") == errc::ok);
  f.loop.turn();
  CHECK(client.writes == 1);
  CHECK_FALSE(first);
  CHECK(first->respond(200, {}, "again") == errc::connection_gone);
  CHECK(first->send("again") == errc::connection_gone);
  CHECK(later->respond(200, {}, "two") == errc::ok);
  f.loop.turn();
  CHECK(client.written.ends_with("two"));
}

TEST_CASE("a handle outlives its connection, and its server") {
  exchange_handle later;
  std::optional<bool> complete;
  fake_backend loop;
  {
    http_server server(loop, [&](exchange& x) {
      later = x.handle();
      x.on_end([&complete](bool whole) { complete = whole; });
    });
    REQUIRE(server.listen(endpoint::loopback_v4(0)));
    loop.connect_client().arrive(get);
    REQUIRE(later);
  }
  CHECK(complete == false);
  CHECK_FALSE(later);
  CHECK(later->respond(200) == errc::connection_gone);
  CHECK(later->finish() == errc::connection_gone);
  CHECK(later->raise_body_limit(1) == errc::connection_gone);
  later->abort();
  later->pull_again();
}

TEST_CASE("the end of a connection's last response is its end, and not a cut") {
  int whole = 0;
  fixture f([&whole](exchange& x) {
    x.on_end([&whole](bool complete) { whole += complete ? 1 : 100; });
    CHECK(x.respond(404) == errc::ok);
  });
  f.loop.connect_client().arrive("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(whole == 1);
  f.loop.connect_client().arrive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\nx");
  CHECK(whole == 2);
}

TEST_CASE("a request that nobody will answer is answered with 500") {
  fixture f([](exchange&) {});
  fake_stream& client = f.loop.connect_client();
  client.arrive(get);
  CHECK(client.written.starts_with("HTTP/1.1 500 "));
}

TEST_CASE("a response that nobody will end is cut off") {
  fixture f([](exchange& x) { CHECK(x.start(200) == errc::ok); });
  fake_stream& client = f.loop.connect_client();
  client.arrive(get);
  CHECK(client.aborts == 1);
}

TEST_CASE("a body comes from a source, in constant memory") {
  struct zeros final : owned_body_source {
    result pull(mutable_bytes to) noexcept override {
      const std::size_t n = std::min(to.size(), left);
      std::ranges::fill(to.first(n), std::byte{'0'});
      left -= n;
      return {n, left == 0 ? state::end : state::more};
    }
    std::size_t left = 3'000'000;
  };
  int ended = 0;
  fixture f([&ended](exchange& x) {
    x.on_end([&ended](bool complete) { ended += complete ? 1 : 100; });
    CHECK(x.respond_from(200, {}, std::make_unique<zeros>(), 3'000'000) == errc::ok);
  });
  fake_stream& client = f.loop.connect_client();
  client.room = 10'000;
  client.arrive(get);
  for (int i = 0; i < 400 && client.written.size() < 3'000'000; ++i) client.make_room(10'000);
  client.make_room(1'000'000);
  CHECK((body_of(client.written) == std::string(3'000'000, '0')));
  CHECK(ended == 1);
}

TEST_CASE("send says when it is too much, and on_drained when it isn't any more") {
  exchange_handle streaming;
  int drained = 0;
  fixture f([&](exchange& x) {
    streaming = x.handle();
    CHECK(x.start(200) == errc::ok);
    x.on_drained([&drained](exchange&) { ++drained; });
  });
  fake_stream& client = f.loop.connect_client();
  client.arrive(get);
  client.room = 0;
  const std::string piece(100'000, 'p');
  int taken = 0;
  while (streaming->send(piece) == errc::ok) ++taken;
  CHECK(taken >= 9);
  CHECK(taken <= 11);
  CHECK(streaming->send(piece) == errc::would_exceed);
  f.loop.turn();
  CHECK(drained == 0);
  client.make_room(std::size_t{1} << 30);
  CHECK(drained == 1);
  CHECK(streaming->send(piece) == errc::ok);
  CHECK(streaming->finish() == errc::ok);
  f.loop.turn();
  CHECK(client.written.ends_with("0\r\n\r\n"));
}

TEST_CASE("a drain lets exchanges finish and closes idle connections") {
  exchange_handle later;
  fixture f([&later](exchange& x) { later = x.handle(); });
  fake_stream& busy = f.loop.connect_client();
  fake_stream& idle = f.loop.connect_client();
  busy.arrive(get);
  REQUIRE_FALSE(f.server.drain_on(SIGTERM));
  CHECK(f.loop.listening());
  f.loop.raise(SIGTERM);
  CHECK_FALSE(f.loop.listening());
  CHECK(idle.fins == 1);
  CHECK_FALSE(busy.closed.has_value());

  CHECK(later->respond(200, {}, "done") == errc::ok);
  f.loop.turn();
  CHECK(busy.written.find("Connection: close") != std::string::npos);
  CHECK(busy.written.ends_with("done"));
  CHECK(busy.fins == 1);
  busy.arrive_eof();
  CHECK(busy.closed.has_value());
}

TEST_CASE("connections past the limit are left to be dropped") {
  fixture f(hello, {.connections_max = 2});
  CHECK(f.loop.connect_client().has_handler());
  fake_stream& second = f.loop.connect_client();
  CHECK_FALSE(f.loop.connect_client().has_handler());
  CHECK(f.server.connections() == 2);
  second.end({});
  CHECK(f.server.connections() == 1);
  CHECK(f.loop.connect_client().has_handler());
}

TEST_CASE("an address that can't be listened on is an error") {
  fake_backend loop;
  http_server server(loop, hello);
  const result<endpoint> made = server.listen(endpoint::loopback_v4(1));
  REQUIRE_FALSE(made);
  CHECK(made.error() == std::errc::permission_denied);
}

TEST_CASE("the trace doesn't depend on how the bytes came, and tells what they were") {
  const std::string input =
      "POST /x HTTP/1.0\r\nContent-Length: 12\r\n\r\nhello, worldPOST / HTTP/1.1\r\n";
  const std::uint64_t whole = hash_of_echo(input, input.size());
  for (const std::size_t cut : {1U, 2U, 7U, 50U}) CHECK(hash_of_echo(input, cut) == whole);
  std::string changed = input;
  changed[changed.find("world")] = 'W';
  CHECK(hash_of_echo(changed, changed.size()) != whole);
}

TEST_CASE("the trace leaves chunk borders out, and nothing else") {
  const std::string input =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nhello, world"
      "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "nonsense\r\n\r\n";
  const std::uint64_t whole = hash_of_echo(input, input.size());
  for (const std::size_t cut : {1U, 2U, 7U, 50U}) CHECK(hash_of_echo(input, cut) == whole);
  std::string changed = input;
  changed[changed.find("abc")] = 'A';
  CHECK(hash_of_echo(changed, 1) != whole);
}

// Counters.

TEST_CASE("what happens is counted") {
  http_counters seen;
  {
    fixture f(echo, {.connections_max = 2, .counters = &seen});
    fake_stream& good = f.loop.connect_client();
    good.arrive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    CHECK(seen.bytes_sent.value() == good.written.size());
    good.arrive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
    CHECK(seen.requests.value() == 2);
    CHECK(seen.requests_ended.value() == 1);
    fake_stream& bad = f.loop.connect_client();
    bad.arrive("nonsense\r\n\r\n");
    f.loop.connect_client();
    CHECK(seen.connections.value() == 2);
    CHECK(seen.connections_dropped.value() == 1);
  }
  CHECK(seen.requests_ended.value() == 2);
  CHECK(seen.requests_cut_off.value() == 1);
  CHECK(seen.responses[2].value() == 2);
  CHECK(seen.body_bytes_received.value() == 4);
  std::uint64_t errors = 0;
  for (const counter& each : seen.peer_errors) errors += each.value();
  CHECK(errors == 1);
}

TEST_CASE("a request that nobody answers counts as answered with 500") {
  http_counters seen;
  fixture f([](exchange&) {}, {.counters = &seen});
  f.loop.connect_client().arrive(get);
  CHECK(seen.responses[5].value() == 1);
}

// Draining.

TEST_CASE("a drain tells when the last connection has gone, once") {
  int told = 0;
  fixture f(echo);
  fake_stream& busy = f.loop.connect_client();
  busy.arrive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  f.server.drain([&told] { ++told; });
  f.server.drain([&told] { told += 100; });
  CHECK(told == 0);
  busy.arrive("bc");
  CHECK(told == 0);
  busy.end({});
  CHECK(f.server.connections() == 0);
  CHECK(told == 1);
}

TEST_CASE("a drain without connections tells at once") {
  int told = 0;
  fixture f(hello);
  f.server.drain([&told] { ++told; });
  CHECK(told == 1);
}
