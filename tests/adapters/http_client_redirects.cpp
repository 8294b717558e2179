// Redirects, RFC 9110 15.4.
#include "http_client_fixture.hpp"

#include <cerrno>
#include <memory>

using namespace drywire;
using namespace drywire::tests;

namespace {

std::string to(std::string_view status, std::string_view where, std::string_view body = "") {
  return "HTTP/1.1 " + std::string(status) + " Moved\r\nLocation: " + std::string(where) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("a redirect isn't followed unless that was asked for") {
  client_fixture f;
  recorded_call c;
  f.get(c);
  f.open(0).arrive(to("301", "/b"));
  CHECK(c.told == lines{"head 301", "complete"});
}

TEST_CASE("a redirect is followed on the same connection, its body is dropped") {
  client_fixture f;
  recorded_call c;
  f.start({.url = "http://1.2.3.4/a/b?q", .redirects_max = 2}, c);
  fake_stream& s = f.open(0);
  f.taken(s);
  s.arrive(to("302", "../c", "elsewhere"));
  f.turns();
  CHECK(f.taken(s) == "GET /c HTTP/1.1\r\nHost: 1.2.3.4\r\n\r\n");
  s.arrive(ok);
  CHECK(c.told == lines{"redirect 302 http://1.2.3.4/c", "head 200", "body hi", "complete"});
  CHECK(f.loop.wishes.size() == 1);
  CHECK(c.handle->url() == "http://1.2.3.4/c");
}

TEST_CASE("which method follows, and whether with the body") {
  struct row {
    std::string_view method;
    std::string_view status;
    std::string_view then;
  };
  for (const row& r :
       {row{"POST", "301", "GET"}, row{"POST", "302", "GET"}, row{"POST", "303", "GET"},
        row{"POST", "307", "POST"}, row{"POST", "308", "POST"}, row{"PUT", "301", "PUT"},
        row{"PUT", "302", "PUT"}, row{"PUT", "303", "GET"}, row{"DELETE", "307", "DELETE"}}) {
    INFO(r.method << " " << r.status);
    client_fixture f;
    recorded_call c;
    f.start({.method = r.method,
             .url = "http://1.2.3.4/",
             .fields = {{"Content-Type", "a/b"}, {"X", "y"}},
             .body = "data",
             .redirects_max = 1},
            c);
    fake_stream& s = f.open(0);
    f.taken(s);
    s.arrive(to(r.status, "/b"));
    f.turns();
    const std::string sent = f.taken(s);
    const bool with_body = r.then != "GET";
    CHECK(sent.starts_with(std::string(r.then) + " /b "));
    CHECK(sent.ends_with("data") == with_body);
    CHECK((sent.find("Content-Type") != std::string::npos) == with_body);
    CHECK(sent.find("X: y\r\n") != std::string::npos);
  }
  client_fixture f;
  recorded_call c;
  f.start({.method = "HEAD", .url = "http://1.2.3.4/", .redirects_max = 1}, c);
  fake_stream& s = f.open(0);
  s.arrive("HTTP/1.1 303 See Other\r\nLocation: /b\r\n\r\n");
  f.turns();
  CHECK(s.written.find("HEAD /b ") != std::string::npos);
}

TEST_CASE("what is about a body goes with the body, RFC 9110 15.4") {
  client_fixture f;
  recorded_call c;
  f.start({.method = "POST",
           .url = "http://1.2.3.4/",
           .fields = {{"Digest", "sha-256=x"}, {"Last-Modified", "y"}, {"Content-Language", "z"}},
           .body = "data",
           .redirects_max = 1},
          c);
  fake_stream& s = f.open(0);
  f.taken(s);
  s.arrive(to("303", "/b"));
  f.turns();
  CHECK(f.taken(s) == "GET /b HTTP/1.1\r\nHost: 1.2.3.4\r\n\r\n");
}

TEST_CASE("another origin sees no credentials, nor the Host of the first") {
  for (const bool same : {true, false}) {
    client_fixture f;
    recorded_call c;
    f.start({.url = "http://1.2.3.4/",
             .fields = {{"Host", "name"},
                        {"authorization", "secret"},
                        {"Cookie", "secret"},
                        {"Accept", "x"}},
             .redirects_max = 1},
            c);
    fake_stream& s = f.open(0);
    f.taken(s);
    s.arrive(to("307", same ? "http://1.2.3.4:80/b" : "http://1.2.3.4:81/b"));
    f.turns();
    const std::string sent = same ? f.taken(s) : f.open(1).written;
    CHECK((sent.find("secret") != std::string::npos) == same);
    CHECK(sent.starts_with(same ? "GET /b HTTP/1.1\r\nHost: name\r\n"
                                : "GET /b HTTP/1.1\r\nHost: 1.2.3.4:81\r\n"));
    CHECK(sent.find("Accept: x\r\n") != std::string::npos);
  }
}

TEST_CASE("redirects that can't be followed say why") {
  const auto outcome_of = [](std::string_view location) {
    client_fixture f;
    recorded_call c;
    f.start({.url = "http://1.2.3.4/", .redirects_max = 3}, c);
    f.open(0).arrive(to("301", location));
    f.turns();
    CHECK(f.client.idle_connections() == 1);
    REQUIRE(c.ended);
    return c.outcome.end;
  };
  CHECK(outcome_of("https://1.2.3.4/") == http_end::https_redirect);
  CHECK(outcome_of("//u:p@1.2.3.4/") == http_end::invalid_redirect);
  CHECK(outcome_of("ftp://1.2.3.4/") == http_end::invalid_redirect);
  CHECK(outcome_of("mailto:a@b") == http_end::invalid_redirect);
  CHECK(outcome_of("/a b") == http_end::invalid_redirect);
  CHECK(outcome_of("/" + std::string(9000, 'x')) == http_end::invalid_redirect);
}

TEST_CASE("a 3xx without Location is a response like any other") {
  client_fixture f;
  recorded_call c;
  f.start({.url = "http://1.2.3.4/", .redirects_max = 3}, c);
  f.open(0).arrive("HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nhi");
  CHECK(c.told == lines{"head 302", "body hi", "complete"});
}

TEST_CASE("a loop of redirects is bounded") {
  client_fixture f;
  recorded_call c;
  f.start({.url = "http://1.2.3.4/", .redirects_max = 3}, c);
  fake_stream& s = f.open(0);
  for (int i = 0; i < 4; ++i) {
    s.arrive(to("301", "/"));
    f.turns();
  }
  CHECK(c.told.size() == 4);
  CHECK(c.outcome.end == http_end::too_many_redirects);
}

TEST_CASE("a source is sent again if it can begin again") {
  struct one final : owned_body_source {
    explicit one(bool r) : repeats(r) {}
    result pull(mutable_bytes to) noexcept override {
      to[0] = std::byte{'x'};
      return {1, state::end};
    }
    bool rewind() noexcept override { return repeats; }
    bool repeats;
  };
  const auto told_by = [](std::string_view status, bool repeats) {
    client_fixture f;
    recorded_call c;
    f.start({.method = "POST",
             .url = "http://1.2.3.4/",
             .source = std::make_unique<one>(repeats),
             .source_length = 1,
             .redirects_max = 3},
            c);
    fake_stream& s = f.open(0);
    s.arrive(to(status, "/b"));
    f.turns();
    s.arrive(ok);
    return c.told.back();
  };
  CHECK(told_by("307", true) == "complete");
  CHECK(told_by("307", false) == "redirected, but the body can't be sent again");
  CHECK(told_by("303", false) == "complete");
}

TEST_CASE("a redirect in the middle of an upload ends that connection") {
  struct endless final : owned_body_source {
    result pull(mutable_bytes to) noexcept override { return {to.size(), state::more}; }
    bool rewind() noexcept override { return true; }
  };
  client_fixture f;
  recorded_call c;
  f.start({.method = "PUT",
           .url = "http://1.2.3.4/",
           .source = std::make_unique<endless>(),
           .redirects_max = 1},
          c);
  f.at(0).room = 100'000;
  f.open(0).arrive(to("308", "http://1.2.3.5/b"));
  f.turns();
  CHECK(f.at(0).written.size() == 100'000);
  CHECK(f.at(0).closed.has_value());
  f.at(1).room = 100'000;
  CHECK(f.open(1).written.starts_with("PUT /b HTTP/1.1\r\nHost: 1.2.3.5\r\n"));
  f.loop.end_closed_streams();
  CHECK(f.client.connections() == 1);
}

TEST_CASE("the body of a redirect isn't read for ever") {
  client_fixture f;
  recorded_call c;
  f.start({.url = "http://1.2.3.4/", .redirects_max = 1}, c);
  f.open(0).arrive("HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 1000000\r\n\r\nxxxx");
  f.turns();
  CHECK(f.at(0).closed.has_value());
  f.open(1).arrive(ok);
  CHECK(c.told.back() == "complete");
}

TEST_CASE("a call is cancelled in on_redirect") {
  struct canceller final : http_call_handler {
    void on_redirect(http_call& call, const http1::response_head&,
                     std::string_view) noexcept override {
      CHECK(call.cancel() == errc::ok);
    }
    void on_head(http_call&, const http1::response_head&) noexcept override { FAIL(); }
    void on_body(http_call&, const_bytes) noexcept override { FAIL(); }
    void on_end(http_call&, const http_outcome& how) noexcept override { end = how.end; }
    http_end end{};
  };
  client_fixture f;
  canceller c;
  f.client.start({.url = "http://1.2.3.4/", .redirects_max = 1}, c);
  f.open(0).arrive(to("301", "/b"));
  f.turns();
  CHECK(c.end == http_end::cancelled);
  CHECK(f.client.idle_connections() == 1);
}
