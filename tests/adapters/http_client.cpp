// Calls: what is sent, what is told, and how they end.
#include "../support/allocations.hpp"
#include "http_client_fixture.hpp"

#include <cerrno>
#include <memory>

using namespace drywire;
using namespace drywire::tests;

namespace {

// So many zeros, or a failure behind so many.
struct zeros final : owned_body_source {
  explicit zeros(std::size_t n, bool whole = true)
      : left(n), then(whole ? state::end : state::failed) {}
  result pull(mutable_bytes to) noexcept override {
    const std::size_t n = std::min(to.size(), left);
    std::ranges::fill(to.first(n), std::byte{'0'});
    left -= n;
    return {n, left == 0 ? then : state::more};
  }
  std::size_t left;
  state then;
};

}  // namespace

TEST_CASE("a GET is one write, and its response is told") {
  client_fixture f;
  recorded_call c;
  f.get(c, "http://1.2.3.4:8080/a?b#c");
  CHECK(f.loop.wishes.at(0).to == endpoint::parse("1.2.3.4:8080"));
  fake_stream& s = f.open(0);
  CHECK(s.written == "GET /a?b HTTP/1.1\r\nHost: 1.2.3.4:8080\r\n\r\n");
  CHECK(s.writes == 1);
  s.arrive("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  s.arrive("3\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 1\r\n\r\n");
  CHECK(c.told == lines{"informational 103", "head 200", "body abcd", "trailer X-Sum", "complete"});
  CHECK(f.client.idle_connections() == 1);
  CHECK_FALSE(c.handle);
  CHECK(c.handle->url() == "http://1.2.3.4:8080/a?b");
}

TEST_CASE("what is in a request is sent") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "POST",
           .url = "HTTP://1.2.3.4:80?x",
           .fields = {{"X-A", "1"}, {"Host", "other"}},
           .body = "hello"},
          c);
  CHECK(f.open(0).written ==
        "POST /?x HTTP/1.1\r\nHost: other\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello");
}

TEST_CASE("OPTIONS without a path asks about the whole server, RFC 9112 3.2.4") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "OPTIONS", .url = "http://[::1]:1234"}, c);
  CHECK(f.open(0).written == "OPTIONS * HTTP/1.1\r\nHost: [::1]:1234\r\n\r\n");
}

TEST_CASE("what can't be asked ends later, with its reason") {
  const auto outcome_of = [](http_request request) {
    client_fixture f;
    recorded_call c;
    f.start(std::move(request), c);
    CHECK(c.told.empty());
    f.loop.turn();
    CHECK(f.loop.wishes.empty());
    REQUIRE(c.ended);
    return c.outcome;
  };
  CHECK(outcome_of({.url = "https://a/"}).end == http_end::https_unsupported);
  CHECK(outcome_of({.url = "https://a/"}).message() == "https:// is not supported yet");
  for (const char* url :
       {"", "/", "a", "ftp://a/", "http:/a", "http://", "http:///x", "http://u@a/", "http://u:p@a/",
        "http://a:/x y", "http://a:99999/", "http://a:0/", "http://a:1x/", "http://[::1/",
        "http://[::1]x/", "http://:80/"}) {
    INFO(url);
    CHECK(outcome_of({.url = url}).end == http_end::invalid_url);
  }
  CHECK(outcome_of({.url = "http://a/" + std::string(9000, 'x')}).end == http_end::invalid_url);
  const http_outcome upgrade = outcome_of({.url = "http://1.2.3.4/", .fields = {{"upgrade", "x"}}});
  CHECK(upgrade.end == http_end::invalid_request);
  CHECK(upgrade.refused == errc::operation_not_supported);
  CHECK(outcome_of({.method = "CONNECT", .url = "http://1.2.3.4/"}).refused ==
        errc::operation_not_supported);
}

TEST_CASE("what the machine refuses ends the call, not the connection") {
  client_fixture f;
  recorded_call bad;
  recorded_call good;
  f.start({.url = "http://1.2.3.4/", .fields = {{"X", "a\r\nb"}}}, bad);
  f.get(good);
  fake_stream& s = f.open(0);
  f.turns();
  CHECK(bad.outcome.end == http_end::invalid_request);
  CHECK(bad.outcome.refused == errc::invalid_argument);
  CHECK(bad.outcome.message() == "the request can't be sent: invalid argument");
  CHECK(s.written.starts_with("GET / "));
  s.arrive(ok);
  CHECK(good.told == told_ok);
}

TEST_CASE("HEAD, 204 and 304 have no body, and the connection is used again") {
  client_fixture f;
  recorded_call head;
  f.start({.method = "HEAD", .url = "http://1.2.3.4/"}, head);
  fake_stream& s = f.open(0);
  s.arrive("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  CHECK(head.told == lines{"head 200", "complete"});
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    recorded_call c;
    f.get(c);
    f.loop.turn();
    s.arrive("HTTP/1.1 " + std::string(status) + "\r\n\r\n");
    CHECK(c.outcome.complete());
  }
  CHECK(f.loop.wishes.size() == 1);
}

TEST_CASE("a body comes from a source, with a length or in chunks") {
  for (const bool sized : {true, false}) {
    client_fixture f;
    recorded_call c;
    http_request r{.method = "PUT", .url = "http://1.2.3.4/", .source = std::make_unique<zeros>(5)};
    if (sized) r.source_length = 5;
    f.start(std::move(r), c);
    fake_stream& s = f.open(0);
    CHECK(s.written.ends_with(sized ? "Content-Length: 5\r\n\r\n00000"
                                    : "chunked\r\n\r\n0005\r\n00000\r\n0\r\n\r\n"));
    s.arrive(ok);
    CHECK(c.told == told_ok);
  }
}

TEST_CASE("a large upload takes constant memory") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "PUT",
           .url = "http://1.2.3.4/",
           .source = std::make_unique<zeros>(3'000'000),
           .source_length = 3'000'000},
          c);
  f.at(0).room = 10'000;
  fake_stream& s = f.open(0);
  for (int i = 0; i < 400; ++i) s.make_room(10'000);
  CHECK(s.written.size() > 3'000'000);
  s.arrive(ok);
  CHECK(c.told == told_ok);
}

TEST_CASE("a source that fails ends the call, and the server sees a reset") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "PUT", .url = "http://1.2.3.4/", .source = std::make_unique<zeros>(5, false)},
          c);
  CHECK(f.open(0).aborts == 1);
  f.loop.end_closed_streams();
  CHECK(c.outcome.end == http_end::source_failed);
  CHECK(f.client.connections() == 0);
}

TEST_CASE("a source that has nothing yet is asked again") {
  struct late final : owned_body_source {
    explicit late(bool& r) : ready(r) {}
    result pull(mutable_bytes to) noexcept override {
      if (!ready) return {0, state::later};
      to[0] = std::byte{'x'};
      return {1, state::end};
    }
    bool& ready;
  };
  client_fixture f;
  recorded_call c;
  bool ready = false;
  f.start({.method = "PUT",
           .url = "http://1.2.3.4/",
           .source = std::make_unique<late>(ready),
           .source_length = 1},
          c);
  fake_stream& s = f.open(0);
  CHECK(s.written.ends_with("\r\n\r\n"));
  ready = true;
  CHECK(c.handle->pull_again() == errc::ok);
  f.loop.turn();
  CHECK(s.written.ends_with("\r\n\r\nx"));
}

TEST_CASE("an early response with a blocked upload is told, and ends both") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "PUT",
           .url = "http://1.2.3.4/",
           .source = std::make_unique<zeros>(3'000'000),
           .source_length = 3'000'000},
          c);
  f.at(0).room = 1000;
  fake_stream& s = f.open(0);
  s.arrive("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  CHECK(c.told == lines{"head 413", "body no", "complete"});
  CHECK(s.written.size() == 1000);
  CHECK(f.client.idle_connections() == 0);
  CHECK(s.closed.has_value());
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 0);
}

TEST_CASE("Expect: 100-continue keeps the body until the server wants it") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "PUT",
           .url = "http://1.2.3.4/",
           .fields = {{"Expect", "100-continue"}},
           .body = "hello"},
          c);
  fake_stream& s = f.open(0);
  CHECK(s.written.ends_with("\r\n\r\n"));
  s.arrive("HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(s.written.ends_with("\r\n\r\nhello"));
  s.arrive(ok);
  CHECK(c.told == lines{"informational 100", "head 200", "body hi", "complete"});

  recorded_call refused;
  f.start({.method = "PUT",
           .url = "http://1.2.3.4/",
           .fields = {{"Expect", "100-continue"}},
           .body = "hello"},
          refused);
  f.loop.turn();
  s.arrive("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
  CHECK(refused.told == lines{"head 417", "complete"});
  CHECK(s.written.ends_with("\r\n\r\n"));
  CHECK(f.client.idle_connections() == 0);
}

TEST_CASE("what a server does wrong has its name") {
  const auto outcome_of = [](std::string_view response, bool eof) {
    client_fixture f;
    recorded_call c;
    f.get(c);
    fake_stream& s = f.open(0);
    s.arrive(response);
    if (eof) s.arrive_eof();
    f.turns();
    CHECK(f.client.idle_connections() == 0);
    f.loop.end_closed_streams();
    CHECK(f.client.connections() == 0);
    REQUIRE(c.ended);
    CHECK(c.outcome.end == http_end::peer_error);
    return c.outcome.fault;
  };
  using enum http1::fault;
  std::string flood;
  for (int i = 0; i < 20; ++i) flood += "HTTP/1.1 103 Early Hints\r\n\r\n";
  CHECK(outcome_of("SSH-2.0-x\r\n", false) == not_a_response);
  CHECK(outcome_of(flood, false) == too_many_informational);
  CHECK(outcome_of("HTTP/1.1 200 OK\r\nContent-Le", true) == truncated_head);
  CHECK(outcome_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", true) == truncated_body);
  CHECK(outcome_of("HTTP/1.1 101 Switching Protocols\r\n\r\n", false) == unasked_switch);
}

TEST_CASE("a response to nothing ends an idle connection, or a call that has not left yet") {
  client_fixture f;
  recorded_call c;
  f.get(c);
  f.at(0).room = 0;
  f.open(0).arrive(ok);
  CHECK(c.outcome.fault == http1::fault::unsolicited_response);
  CHECK(c.told.size() == 1);
}

TEST_CASE("a server that breaks the connection off") {
  client_fixture f;
  recorded_call c;
  f.get(c);
  fake_stream& s = f.open(0);
  s.arrive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  s.end(error(ECONNRESET));
  CHECK(c.told == lines{"head 200", "body abc", "the connection broke: Connection reset by peer"});
  CHECK(c.outcome.system == std::errc::connection_reset);
  CHECK(f.client.connections() == 0);
}

TEST_CASE("a body that ends with the connection is complete only behind a FIN") {
  for (const bool clean : {true, false}) {
    client_fixture f;
    recorded_call c;
    f.get(c);
    fake_stream& s = f.open(0);
    s.arrive("HTTP/1.0 200 OK\r\n\r\nabc");
    if (clean) {
      s.arrive_eof();
    } else {
      s.end(error(ECONNRESET));
    }
    CHECK(c.outcome.complete() == clean);
    f.loop.end_closed_streams();
    CHECK(f.client.connections() == 0);
  }
}

TEST_CASE("a body that is too long is a fault") {
  client_fixture f;
  recorded_call c;
  f.start({.url = "http://1.2.3.4/", .body_bytes_max = 1}, c);
  f.open(0).arrive(ok);
  CHECK(c.outcome.fault == http1::fault::content_too_large);
}

TEST_CASE("a call that is held gets no body, and makes the server wait") {
  client_fixture f;
  recorded_call c;
  f.get(c);
  CHECK(c.handle->hold() == errc::ok);
  fake_stream& s = f.open(0);
  s.arrive("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");
  CHECK(c.told == lines{"head 200"});
  const std::string piece(50'000, 'x');
  s.arrive(piece);
  s.arrive(piece);
  CHECK(s.paused);
  CHECK(c.told.size() == 1);
  CHECK(c.handle->resume() == errc::ok);
  f.loop.turn();
  CHECK_FALSE(s.paused);
  s.arrive(piece);
  s.arrive(piece);
  CHECK(c.told.size() == 3);
  CHECK(c.outcome.complete());
}

TEST_CASE("a response is collected, up to a limit") {
  client_fixture f;
  int answers = 0;
  f.client.fetch({.url = "http://1.2.3.4/"}, 4, [&answers](const http_answer& a) {
    ++answers;
    CHECK(a.outcome.complete());
    CHECK(a.reason == "OK");
    CHECK(a.body == "abcd");
    REQUIRE(a.find("x-a") != nullptr);
    CHECK(a.find("x-a")->value == "1");
    CHECK(a.find("x-b") == nullptr);
    REQUIRE(a.trailers.size() == 1);
    CHECK(a.trailers[0].value == "2");
  });
  fake_stream& s = f.open(0);
  s.arrive("HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n");
  s.arrive("0\r\nX-B: 2\r\n\r\n");
  CHECK(answers == 1);

  f.client.fetch({.url = "http://1.2.3.4/"}, 4, [&answers](const http_answer& a) {
    ++answers;
    CHECK(a.outcome.end == http_end::body_too_large);
    CHECK(a.status == 200);
    CHECK(a.body == "abc");
  });
  f.loop.turn();
  s.arrive("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n");
  f.loop.turn();
  CHECK(answers == 2);
  CHECK(s.aborts == 1);
}

TEST_CASE("an abandoned fetch lets go of what its callback has captured") {
  client_fixture f;
  const auto captured = std::make_shared<int>(0);
  const http_call_handle call =
      f.client.fetch({.url = "http://1.2.3.4/"}, 10, [captured](const http_answer&) { FAIL(); });
  CHECK(call->abandon() == errc::ok);
  f.turns();
  CHECK(captured.use_count() == 1);
}

TEST_CASE("a hundred calls on a connection allocate nothing") {
  struct silent final : http_call_handler {
    void on_head(http_call&, const http1::response_head&) noexcept override {}
    void on_body(http_call&, const_bytes) noexcept override {}
    void on_end(http_call&, const http_outcome& how) noexcept override {
      completes += how.complete();
    }
    int completes = 0;
  };
  client_fixture f;
  silent handler;
  int collected = 0;
  const auto ask = [&] {
    f.client.start({.method = "POST",
                    .url = "http://1.2.3.4:8080/some/longer/path/than/fits/in/a/small/string",
                    .fields = {{"X-Some-Field", "with a value that isn't short either"}},
                    .body = "a body of more than a few bytes, too"},
                   handler);
    f.loop.turn();
  };
  const auto collect = [&] {
    f.client.fetch({.url = "http://1.2.3.4:8080/"}, 100,
                   [&collected](const http_answer& a) { collected += a.outcome.complete(); });
    f.loop.turn();
  };
  ask();
  fake_stream& s = f.open(0);
  s.written.reserve(1'000'000);
  s.arrive(ok);
  collect();
  s.arrive(ok);
  ask();
  s.arrive(ok);

  const int writes = s.writes;
  const std::size_t before = tests::allocations();
  for (int i = 0; i < 100; ++i) {
    ask();
    s.arrive(ok);
    collect();
    s.arrive(ok);
  }
  CHECK(tests::allocations() == before);
  CHECK(s.writes == writes + 200);
  CHECK(handler.completes == 102);
  CHECK(collected == 101);
}
