// Bodies in gzip and deflate, RFC 9110 8.4.
#include "../deflate/encode.hpp"
#include "http_client_fixture.hpp"

using namespace drywire;
using namespace drywire::tests;

namespace {

std::string answer(std::string_view codings, std::string_view body) {
  return "HTTP/1.1 200 OK\r\n" + std::string(codings) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// What is told of a response that comes in pieces of 1000 bytes.
lines told_of(std::string_view response, http_request request = {}) {
  client_fixture f;
  recorded_call c;
  request.url = "http://1.2.3.4/";
  request.decode = true;
  f.start(std::move(request), c);
  fake_stream& s = f.open(0);
  for (std::size_t at = 0; at < response.size(); at += 1000) s.arrive(response.substr(at, 1000));
  f.turns();
  CHECK(c.ended);
  f.loop.end_closed_streams();
  return c.told;
}

}  // namespace

TEST_CASE("gzip and deflate are asked for and undone, one or both") {
  const std::string plain = prose(100'000);
  const lines told{"head 200", "body " + plain, "complete"};
  const std::string zlib = encoded(plain, 15);
  CHECK((told_of(answer("Content-Encoding: gzip\r\n", gzip(plain))) == told));
  CHECK((told_of(answer("Content-Encoding: X-GZIP\r\n", gzip(plain))) == told));
  CHECK((told_of(answer("Content-Encoding: deflate, identity\r\n", zlib)) == told));
  const std::string both = gzip(zlib);
  CHECK((told_of(answer("Content-Encoding: deflate, gzip\r\n", both)) == told));
  CHECK((told_of(answer("Content-Encoding: deflate\r\nContent-Encoding: gzip\r\n", both)) == told));
  CHECK((told_of(answer("", plain)) == told));

  client_fixture f;
  recorded_call asks;
  recorded_call asks_itself;
  recorded_call asks_not;
  f.start({.url = "http://1.2.3.1/", .decode = true}, asks);
  f.start({.url = "http://1.2.3.2/", .fields = {{"accept-encoding", "x"}}, .decode = true},
          asks_itself);
  f.get(asks_not, "http://1.2.3.3/");
  CHECK(f.open(0).written.find("Accept-Encoding: gzip, deflate\r\n") != std::string::npos);
  CHECK(f.open(1).written.find("Accept-Encoding: gzip") == std::string::npos);
  CHECK(f.open(2).written.find("Accept-Encoding") == std::string::npos);
  f.at(2).arrive(answer("Content-Encoding: gzip\r\n", "raw"));
  CHECK(asks_not.told == lines{"head 200", "body raw", "complete"});
}

TEST_CASE("what has nothing to decode") {
  CHECK(told_of(answer("Content-Encoding: gzip\r\n", "")) == lines{"head 200", "complete"});
  CHECK(told_of("HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n") ==
        lines{"head 204", "complete"});
  CHECK(told_of("HTTP/1.1 304 Not Modified\r\nContent-Encoding: br\r\n\r\n") ==
        lines{"head 304", "complete"});
  CHECK(told_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n",
                {.method = "HEAD"}) == lines{"head 200", "complete"});
  CHECK(told_of("HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n"
                "\r\nhi") == lines{"head 206", "body hi", "complete"});
}

TEST_CASE("a coding that is broken has its name") {
  const std::string whole = gzip("hello");
  const auto last_of = [](std::string_view codings, std::string_view body) {
    return told_of(answer(codings, body)).back();
  };
  constexpr std::string_view in_gzip = "Content-Encoding: gzip\r\n";
  CHECK(last_of(in_gzip, whole.substr(0, whole.size() - 1)).starts_with("the body's coding ends"));
  CHECK(last_of(in_gzip, "nonsense").starts_with("the body can't be decoded"));
  CHECK(last_of(in_gzip, whole + "more").starts_with("the body can't be decoded"));
  CHECK(told_of(answer("Content-Encoding: br\r\n", "x")) ==
        lines{"the body is in a coding that isn't known"});
  CHECK(told_of(answer("Content-Encoding: gzip, gzip, gzip\r\n", "x")) ==
        lines{"the body is in a coding that isn't known"});
}

TEST_CASE("a bomb doesn't go off") {
  const std::string bomb = gzip(std::string(20'000'000, '0'));
  const lines told = told_of(answer("Content-Encoding: gzip\r\n", bomb));
  CHECK(told.back().starts_with("the body becomes too large"));
  CHECK(told.at(1).size() < 3'000'000);
  const lines limited =
      told_of(answer("Content-Encoding: gzip\r\n", gzip(prose(5000))), {.body_bytes_max = 4000});
  CHECK(limited.back().starts_with("the body becomes too large"));
  CHECK(limited.at(1).size() == 4005);
}

TEST_CASE("two codings don't multiply what one may do") {
  std::string members;
  const std::string member = gzip(std::string(1000, '0'));
  while (members.size() < 1'000'000) members += member;
  const std::string bomb = gzip(members);
  REQUIRE(bomb.size() < 10'000);
  const lines told = told_of(answer("Content-Encoding: gzip, gzip\r\n", bomb));
  CHECK(told.back() == "the body becomes too large: ratio exceeded");
  CHECK(told.at(1).size() < 2'000'000);
}

TEST_CASE("a call that is held stops in the middle of a piece, and loses nothing") {
  struct stopping final : http_call_handler {
    void on_head(http_call&, const http1::response_head&) noexcept override {}
    void on_body(http_call& call, const_bytes piece) noexcept override {
      CHECK_FALSE(held);
      body += as_text(piece);
      held = true;
      CHECK(call.hold() == errc::ok);
      if (resumes_at_once) resume(call);
    }
    void on_end(http_call&, const http_outcome& how) noexcept override {
      CHECK(how.complete());
      ended = true;
    }
    void resume(http_call& call) {
      held = false;
      CHECK(call.resume() == errc::ok);
    }
    std::string body;
    bool held = false;
    bool resumes_at_once = false;
    bool ended = false;
  };
  const std::string plain = prose(200'000);
  const std::string response = answer("Content-Encoding: gzip\r\n", gzip(plain));
  REQUIRE(response.size() < 60'000);
  for (const bool at_once : {false, true}) {
    client_fixture f;
    stopping c;
    c.resumes_at_once = at_once;
    const http_call_handle handle = f.client.start({.url = "http://1.2.3.4/", .decode = true}, c);
    f.open(0).arrive(response);
    for (int i = 0; i < 100 && handle; ++i) {
      if (c.held) c.resume(*handle);
      f.loop.turn();
    }
    CHECK(c.ended);
    CHECK((c.body == plain));
    CHECK(f.client.idle_connections() == 1);
  }
}

TEST_CASE("a call with decoded bytes still to be told is cancelled, or its client dies") {
  struct holding final : http_call_handler {
    void on_head(http_call&, const http1::response_head&) noexcept override {}
    void on_body(http_call& call, const_bytes) noexcept override { CHECK(call.hold() == errc::ok); }
    void on_end(http_call&, const http_outcome& how) noexcept override { end = how.end; }
    http_end end = http_end::complete;
  };
  const std::string response = answer("Content-Encoding: gzip\r\n", gzip(prose(100'000)));
  holding cancelled;
  holding closed;
  {
    client_fixture f;
    const auto handle = f.client.start({.url = "http://1.2.3.4/", .decode = true}, cancelled);
    f.client.start({.url = "http://1.2.3.4/", .decode = true}, closed);
    f.open(0).arrive(response);
    f.open(1).arrive(response);
    CHECK(handle->cancel() == errc::ok);
    f.turns();
    CHECK(cancelled.end == http_end::cancelled);
  }
  CHECK(closed.end == http_end::closed);
}
