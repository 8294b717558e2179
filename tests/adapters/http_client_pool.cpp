// Connections: how they are made, used again, given up; and the calls that wait for them.
#include "http_client_fixture.hpp"

#include <cerrno>
#include <deque>
#include <memory>
#include <optional>

using namespace drywire;
using namespace drywire::tests;

namespace {

constexpr std::string_view last =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";

// Answers when the test says so.
struct fake_resolver final : resolver {
  void resolve(std::string_view host, std::uint16_t port, name_query& q) noexcept override {
    asked += std::string(host) + ':' + std::to_string(port) + ' ';
    query = &q;
  }
  void cancel(name_query& q) noexcept override {
    CHECK(query == &q);
    query = nullptr;
    ++cancelled;
  }
  void answer(std::vector<endpoint> addresses) {
    std::exchange(query, nullptr)->on_resolved(addresses);
  }
  std::string asked;
  name_query* query = nullptr;
  int cancelled = 0;
};

// A connection that was used once, and is idle.
struct used_fixture : client_fixture {
  explicit used_fixture(const http_client_options& options = {}) : client_fixture(options) {
    get(first);
    open(0).arrive(ok);
    REQUIRE(first.told == told_ok);
    at(0).written.clear();
  }
  recorded_call first;
};

endpoint address(std::string_view text) { return endpoint::parse(text).value(); }

}  // namespace

TEST_CASE("one connection serves call after call, also one that is started from on_end") {
  struct chain final : http_call_handler {
    explicit chain(http_client& c) : client(c) {}
    void on_head(http_call&, const http1::response_head&) noexcept override {}
    void on_body(http_call&, const_bytes) noexcept override {}
    void on_end(http_call&, const http_outcome& how) noexcept override {
      completes += how.complete();
      if (completes < 3) client.start({.url = "http://1.2.3.4/"}, *this);
    }
    http_client& client;
    int completes = 0;
  };
  client_fixture f;
  chain c(f.client);
  f.client.start({.url = "http://1.2.3.4/"}, c);
  fake_stream& s = f.open(0);
  for (int i = 0; i < 3; ++i) s.arrive(ok);
  CHECK(c.completes == 3);
  CHECK(f.loop.wishes.size() == 1);
  CHECK(s.writes == 3);
}

TEST_CASE("calls over the limit wait, and go first in, first out") {
  client_fixture f({.connections_per_origin_max = 2});
  std::deque<recorded_call> calls(5);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    f.get(calls[i], "http://1.2.3.4/" + std::to_string(i));
  }
  CHECK(f.loop.wishes.size() == 2);
  CHECK(f.client.waiting() == 5);
  fake_stream& a = f.open(0);
  CHECK(f.taken(a).starts_with("GET /0 "));
  fake_stream& b = f.open(1);
  CHECK(f.taken(b).starts_with("GET /1 "));
  b.arrive(ok);
  CHECK(f.taken(b).starts_with("GET /2 "));
  b.arrive(ok);
  CHECK(f.taken(b).starts_with("GET /3 "));
  a.arrive(ok);
  CHECK(f.taken(a).starts_with("GET /4 "));
  CHECK(f.client.waiting() == 0);
  CHECK(f.loop.wishes.size() == 2);
}

TEST_CASE("too many calls that wait") {
  client_fixture f({.connections_per_origin_max = 1, .calls_waiting_max = 2});
  std::deque<recorded_call> calls(3);
  for (recorded_call& c : calls) f.get(c);
  f.loop.turn();
  CHECK_FALSE(calls[1].ended);
  CHECK(calls[2].outcome.end == http_end::too_many_waiting);
}

TEST_CASE("origins are told apart by host and port, without case") {
  client_fixture f;
  std::deque<recorded_call> calls(4);
  f.get(calls[0], "http://1.2.3.4/");
  f.open(0).arrive(ok);
  f.get(calls[1], "HTTP://1.2.3.4:80/x");
  CHECK(f.loop.wishes.size() == 1);
  f.get(calls[2], "http://1.2.3.4:81/");
  f.get(calls[3], "http://1.2.3.5/");
  CHECK(f.loop.wishes.size() == 3);
}

TEST_CASE("nothing is reused that isn't reusable") {
  for (const std::string_view response :
       {last, std::string_view("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")}) {
    client_fixture f;
    recorded_call a;
    recorded_call b;
    f.get(a);
    f.open(0).arrive(response);
    CHECK(a.told == told_ok);
    CHECK(f.client.idle_connections() == 0);
    f.get(b);
    CHECK(f.loop.wishes.size() == 2);
    f.loop.end_closed_streams();
    CHECK(f.client.connections() == 1);
  }
}

TEST_CASE("HTTP/1.0 with keep-alive is reused") {
  client_fixture f;
  recorded_call a;
  f.get(a);
  f.open(0).arrive("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi");
  CHECK(f.client.idle_connections() == 1);
}

TEST_CASE("a connection that dies idle is dropped, and nobody notices") {
  for (const bool clean : {true, false}) {
    used_fixture f;
    if (clean) {
      f.at(0).arrive_eof();
      CHECK(f.at(0).closed.has_value());
    } else {
      f.at(0).end(error(ECONNRESET));
    }
    CHECK(f.client.idle_connections() == 0);
    f.loop.end_closed_streams();
    CHECK(f.client.connections() == 0);
    recorded_call next;
    f.get(next);
    f.open(1).arrive(ok);
    CHECK(next.told == told_ok);
  }
}

TEST_CASE("bytes on an idle connection end it") {
  used_fixture f;
  f.at(0).arrive(ok);
  CHECK(f.client.idle_connections() == 0);
  CHECK(f.at(0).closed.has_value());
}

TEST_CASE("an idle connection ends by itself") {
  used_fixture f;
  f.loop.pass(seconds(31));
  CHECK(f.client.idle_connections() == 0);
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 0);
}

TEST_CASE("a request that met the end of a used connection is sent again, once") {
  for (const bool clean : {true, false}) {
    used_fixture f;
    recorded_call c;
    f.get(c);
    f.loop.turn();
    CHECK(f.at(0).written.starts_with("GET / "));
    if (clean) {
      f.at(0).arrive_eof();
    } else {
      f.at(0).end(error(ECONNRESET));
    }
    CHECK(c.told.empty());
    f.loop.turn();
    REQUIRE(f.loop.wishes.size() == 2);
    f.open(1);
    CHECK(f.at(1).written.starts_with("GET / "));
    // The second time it is an error.
    f.at(1).arrive_eof();
    CHECK(c.outcome.fault == http1::fault::unanswered);
    CHECK(f.loop.wishes.size() == 2);
  }
}

TEST_CASE("not on a new connection, nor what isn't idempotent") {
  client_fixture fresh;
  recorded_call a;
  fresh.get(a);
  fresh.open(0).arrive_eof();
  CHECK(a.outcome.fault == http1::fault::unanswered);

  used_fixture f;
  recorded_call b;
  f.start({.method = "POST", .url = "http://1.2.3.4/", .body = "x"}, b);
  f.loop.turn();
  f.at(0).arrive_eof();
  CHECK(b.outcome.fault == http1::fault::unanswered);
}

TEST_CASE("what never left is sent again whatever it is") {
  used_fixture f;
  recorded_call c;
  f.at(0).room = 0;
  f.start({.method = "POST", .url = "http://1.2.3.4/", .body = "x"}, c);
  f.loop.turn();
  f.at(0).arrive_eof();
  f.loop.turn();
  REQUIRE(f.loop.wishes.size() == 2);
  CHECK(f.open(1).written.ends_with("\r\n\r\nx"));
  f.at(1).arrive(ok);
  CHECK(c.told == told_ok);
}

TEST_CASE("nor once a response has begun") {
  used_fixture f;
  recorded_call c;
  f.get(c);
  f.loop.turn();
  f.at(0).arrive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi");
  f.at(0).end(error(ECONNRESET));
  CHECK(c.outcome.end == http_end::transport_failed);
}

TEST_CASE("what is sent again doesn't go on another connection that was used") {
  used_fixture f({.connections_per_origin_max = 2});
  recorded_call a;
  recorded_call b;
  f.get(a);
  f.get(b);
  f.open(1);
  f.at(1).arrive(ok);
  CHECK(f.client.idle_connections() == 1);
  f.at(0).end(error(ECONNRESET));  // under a
  f.loop.turn();
  f.turns();
  REQUIRE(f.loop.wishes.size() == 3);
  f.open(2).arrive(ok);
  CHECK(a.told == told_ok);
  CHECK(f.at(1).written.find("GET", 1) == std::string::npos);
}

TEST_CASE("with room for one connection, an idle one makes room for a new one") {
  used_fixture f({.connections_per_origin_max = 1});
  recorded_call a;
  recorded_call b;
  f.get(a);
  f.get(b);
  f.loop.turn();
  f.at(0).end(error(ECONNRESET));
  f.turns();
  REQUIRE(f.loop.wishes.size() == 2);
  fake_stream& s = f.open(1);
  s.arrive(ok);
  s.arrive(ok);
  CHECK(a.told == told_ok);
  CHECK(b.told == told_ok);
  CHECK(f.loop.wishes.size() == 2);
}

TEST_CASE("a source that can't begin again isn't sent again") {
  struct one final : owned_body_source {
    explicit one(bool r) : repeats(r) {}
    result pull(mutable_bytes to) noexcept override {
      to[0] = std::byte{'x'};
      return {1, state::end};
    }
    bool rewind() noexcept override { return repeats; }
    bool repeats;
  };
  for (const bool repeats : {true, false}) {
    used_fixture f;
    recorded_call c;
    f.start({.method = "PUT",
             .url = "http://1.2.3.4/",
             .source = std::make_unique<one>(repeats),
             .source_length = 1},
            c);
    f.loop.turn();
    CHECK(f.at(0).written.ends_with("\r\n\r\nx"));
    f.at(0).arrive_eof();
    f.turns();
    CHECK(f.loop.wishes.size() == (repeats ? 2 : 1));
    CHECK(c.ended != repeats);
    if (!repeats) {
      CHECK(c.outcome.fault == http1::fault::unanswered);
    } else {
      CHECK(f.open(1).written.ends_with("\r\n\r\nx"));
    }
  }
}

TEST_CASE("idle connections are bounded, the oldest goes") {
  client_fixture f({.idle_connections_max = 2});
  std::deque<recorded_call> calls(3);
  for (std::size_t i = 0; i < 3; ++i) f.get(calls[i], "http://1.2.3." + std::to_string(i) + "/");
  for (const std::size_t i : {1U, 0U, 2U}) f.open(i).arrive(ok);
  CHECK(f.client.idle_connections() == 2);
  f.loop.turn();
  CHECK(f.at(1).closed.has_value());
}

TEST_CASE("connections in all are bounded, and one that is idle makes room") {
  client_fixture f({.connections_max = 2});
  std::deque<recorded_call> calls(4);
  for (std::size_t i = 0; i < 4; ++i) f.get(calls[i], "http://1.2.3." + std::to_string(i) + "/");
  CHECK(f.loop.wishes.size() == 2);
  f.open(0);
  f.open(1);
  f.at(0).arrive(ok);
  f.turns();
  CHECK(f.at(0).closed.has_value());
  CHECK(f.loop.wishes.size() == 2);
  f.loop.end_closed_streams();
  f.loop.turn();
  CHECK(f.loop.wishes.size() == 3);
  f.at(1).end(error(ECONNRESET));
  f.loop.turn();
  CHECK(f.loop.wishes.size() == 4);
}

TEST_CASE("a connection that can't be made ends the call that waits for longest") {
  client_fixture f({.connections_per_origin_max = 1});
  std::deque<recorded_call> calls(2);
  for (recorded_call& c : calls) f.get(c);
  f.at(0).end(error(ECONNREFUSED));
  f.turns();
  CHECK(calls[0].outcome.end == http_end::connect_failed);
  CHECK(calls[0].outcome.system == std::errc::connection_refused);
  CHECK_FALSE(calls[1].ended);
  REQUIRE(f.loop.wishes.size() == 2);
  f.open(1).arrive(ok);
  CHECK(calls[1].told == told_ok);
}

TEST_CASE("a second connection that can't be made leaves its call to the first") {
  client_fixture f;
  recorded_call a;
  recorded_call b;
  f.get(a);
  f.open(0);
  f.get(b);
  f.at(1).end(error(ECONNREFUSED));
  f.turns();
  CHECK_FALSE(b.ended);
  CHECK(f.loop.wishes.size() == 2);
  f.at(0).arrive(ok);
  f.at(0).arrive(ok);
  CHECK(b.told == told_ok);
}

TEST_CASE("when the first dies instead, the second is tried again") {
  client_fixture f;
  recorded_call a;
  recorded_call b;
  f.get(a);
  f.open(0);
  f.get(b);
  f.at(1).end(error(ECONNREFUSED));
  f.turns();
  f.at(0).end(error(ECONNRESET));
  f.turns();
  REQUIRE(f.loop.wishes.size() == 3);
  f.at(2).end(error(ECONNREFUSED));
  f.turns();
  CHECK(b.outcome.end == http_end::connect_failed);
}

TEST_CASE("a name's addresses are tried in turn") {
  fake_resolver names;
  client_fixture f({.names = &names});
  recorded_call c;
  f.get(c, "http://Some.Host:81/");
  CHECK(names.asked == "some.host:81 ");
  names.answer({address("1.1.1.1:81"), address("[::2]:81"), address("3.3.3.3:81")});
  f.at(0).end(error(ECONNREFUSED));
  CHECK(f.loop.wishes.at(1).to == address("[::2]:81"));
  f.loop.pass(seconds(6));  // the half of what is left for two
  CHECK(f.at(1).aborts == 1);
  f.open(2).arrive(ok);
  CHECK(f.at(2).written.find("Host: some.host:81\r\n") != std::string::npos);
  CHECK(c.told == told_ok);
}

TEST_CASE("a name without an address, and names without a resolver") {
  fake_resolver names;
  client_fixture f({.names = &names});
  recorded_call c;
  f.get(c, "http://nowhere/");
  std::exchange(names.query, nullptr)->on_unresolved("no such host");
  f.turns();
  CHECK(c.outcome.message() == "the host has no address: no such host");

  client_fixture g;
  recorded_call d;
  recorded_call e;
  g.get(d, "http://nowhere/");
  g.get(e, "http://[x]/");
  g.turns();
  CHECK(d.outcome.end == http_end::unresolved);
  CHECK(e.outcome.end == http_end::unresolved);
  CHECK(g.client.connections() == 0);
}

TEST_CASE("connecting takes too long, or looking up does") {
  client_fixture f;
  recorded_call c;
  f.get(c);
  f.loop.pass(seconds(9));
  CHECK_FALSE(c.ended);
  f.loop.pass(seconds(1));
  f.turns();
  CHECK(c.outcome.end == http_end::connect_timeout);
  CHECK(f.at(0).aborts == 1);
  CHECK(f.client.connections() == 0);

  fake_resolver names;
  client_fixture g({.names = &names});
  recorded_call d;
  g.get(d, "http://slow/");
  g.loop.pass(seconds(10));
  g.turns();
  CHECK(names.cancelled == 1);
  CHECK(d.outcome.end == http_end::connect_timeout);
}

TEST_CASE("a call has a timeout of its own, wherever it is") {
  client_fixture f;
  std::deque<recorded_call> calls(3);
  const auto start = [&](recorded_call& c, std::string_view url) {
    f.start({.url = url, .timeout = seconds(5)}, c);
  };
  start(calls[0], "http://1.2.3.1/");
  start(calls[1], "http://1.2.3.2/");
  start(calls[2], "http://1.2.3.3/");
  f.open(1);
  f.open(2).arrive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi");
  f.loop.pass(seconds(5));
  f.turns();
  for (const recorded_call& c : calls) CHECK(c.outcome.end == http_end::call_timeout);
  CHECK(f.at(1).aborts == 1);
  CHECK(f.at(2).aborts == 1);
}

TEST_CASE("a call is cancelled at any stage, and leaks nothing") {
  fake_resolver names;
  for (int stage = 0; stage < 7; ++stage) {
    INFO(stage);
    client_fixture f({.connections_per_origin_max = 1, .names = &names});
    recorded_call other;
    recorded_call c;
    if (stage == 6) f.get(other, "http://host/");  // c waits behind it
    f.get(c, "http://host/");
    if (stage >= 1) names.answer({address("1.2.3.4:80")});
    if (stage >= 2) f.open(0);
    if (stage == 3) f.at(0).arrive("HTTP/1.1 200 OK\r\nCont");
    if (stage == 4) f.at(0).arrive("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
    if (stage == 5) f.at(0).arrive("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi");
    const std::size_t told = c.told.size();
    CHECK(c.handle->cancel() == errc::ok);
    CHECK(c.told.size() == told);
    f.turns();
    CHECK(c.outcome.end == http_end::cancelled);
    CHECK(c.told.size() == told + 1);
    CHECK(c.handle->cancel() == errc::connection_gone);
    CHECK(c.handle->hold() == errc::connection_gone);
    CHECK(c.handle->resume() == errc::connection_gone);
    CHECK(c.handle->pull_again() == errc::connection_gone);
    if (stage >= 2 && stage < 6) {
      CHECK(f.at(0).aborts == 1);
      f.loop.end_closed_streams();
      CHECK(f.client.connections() == 0);
    }
    if (stage == 6) {
      f.at(0).arrive(ok);
      CHECK(other.told == told_ok);
    }
  }
}

TEST_CASE("a call is cancelled or abandoned from within its own callbacks") {
  struct canceller final : http_call_handler {
    void on_informational(http_call& c, const http1::response_head&) noexcept override {
      act(c, 0);
    }
    void on_head(http_call& c, const http1::response_head&) noexcept override { act(c, 1); }
    void on_body(http_call& c, const_bytes) noexcept override { act(c, 2); }
    void on_trailers(http_call& c, std::span<const http1::field>) noexcept override { act(c, 3); }
    void on_end(http_call& c, const http_outcome& how) noexcept override {
      CHECK(c.cancel() == errc::connection_gone);
      CHECK(how.end == http_end::cancelled);
      ++ends;
    }
    void act(http_call& c, int at) {
      CHECK(at <= when);
      if (at != when) return;
      CHECK((abandons ? c.abandon() : c.cancel()) == errc::ok);
    }
    int when = 0;
    bool abandons = false;
    int ends = 0;
  };
  for (int when = 0; when < 4; ++when) {
    for (const bool abandons : {false, true}) {
      client_fixture f;
      canceller c;
      c.when = when;
      c.abandons = abandons;
      f.client.start({.url = "http://1.2.3.4/"}, c);
      f.open(0).arrive(
          "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "1\r\na\r\n0\r\nA: b\r\n\r\n");
      f.turns();
      CHECK(c.ends == (abandons ? 0 : 1));
      f.loop.end_closed_streams();
      CHECK(f.client.connections() == 0);
    }
  }
}

TEST_CASE("close() lets calls finish, and then nothing is left") {
  client_fixture f({.connections_per_origin_max = 1});
  std::deque<recorded_call> calls(4);
  f.get(calls[0]);
  f.get(calls[1]);
  f.open(0);
  f.get(calls[2], "http://1.2.3.5/");
  f.open(1).arrive(ok);
  f.client.close();
  f.get(calls[3]);
  f.turns();
  CHECK(calls[3].outcome.end == http_end::closed);
  CHECK(f.at(1).closed.has_value());
  f.at(0).arrive(ok);
  f.at(0).arrive(ok);
  CHECK(calls[1].told == told_ok);
  f.loop.turn();
  CHECK(f.at(0).closed.has_value());
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 0);
}

TEST_CASE("close() gives up connections that nobody waits for") {
  client_fixture f;
  recorded_call c;
  f.get(c);
  CHECK(c.handle->cancel() == errc::ok);
  f.turns();
  CHECK(f.client.connections() == 1);
  f.client.close();
  CHECK(f.client.connections() == 0);
  CHECK(f.at(0).aborts == 1);
}

TEST_CASE("a client that dies tells its calls, wherever they are, and handles outlive it") {
  fake_backend loop;
  fake_resolver names;
  std::deque<recorded_call> calls(5);
  {
    http_client client(loop, {.connections_per_origin_max = 1, .names = &names});
    const auto start = [&](recorded_call& c, std::string_view url) {
      c.handle = client.start({.url = url}, c);
    };
    start(calls[0], "http://host/");
    start(calls[1], "http://1.2.3.4/");
    start(calls[2], "http://1.2.3.5/");
    start(calls[3], "http://1.2.3.5/");
    start(calls[4], "nonsense");
    loop.wishes.at(1).stream->open();
    loop.turn();
    calls[4].told.clear();
    calls[4].ended = false;
    start(calls[4], "nonsense");
  }
  CHECK(names.cancelled == 1);
  for (std::size_t i = 0; i < 4; ++i) CHECK(calls[i].told == lines{"the client was closed"});
  CHECK(calls[4].outcome.end == http_end::invalid_url);
  for (recorded_call& c : calls) {
    CHECK_FALSE(c.handle);
    CHECK(c.handle->cancel() == errc::connection_gone);
  }
  for (const auto& wish : loop.wishes) CHECK(wish.stream->aborts == 1);
}
