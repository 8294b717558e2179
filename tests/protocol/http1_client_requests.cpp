// Requests: what leaves, and what is refused.
#include "http1_client_fixture.hpp"

using namespace http1_client_test;

namespace {

constexpr http1::field expect{"Expect", "100-continue"};

}  // namespace

TEST_CASE("a request is its line, Host and the fields as they are", "[9112-3.2.1a]") {
  fixture f;
  CHECK(send_request(f, "GET", "/x?y", {{"Accept", "*/*"}, {"host", "b:80"}, {"X", ""}}) ==
        errc::ok);
  CHECK(f.client.outstanding() == 1);
  CHECK(f.output() == "GET /x?y HTTP/1.1\r\nHost: b:80\r\nAccept: */*\r\nX: \r\n\r\n");
  CHECK(f.memory.in_use() == 0);
  CHECK(f.receive(ok) == lines{"response 200", "body hi", "end", "over 1"});
  CHECK(f.client.outstanding() == 0);
}

TEST_CASE("RFC 9112 2.2: no empty line is around a request, and one in its body is counted",
          "[9112-2.2d][9112-2.2e]") {
  http1::client_limits l;
  l.requests_max = 3;
  fixture f(l);
  const std::string bare = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  CHECK(send_request(f, "GET", "/", {host}) == errc::ok);
  CHECK(send_request(f, "POST", "/", {host}, "hello\r\n") == errc::ok);
  CHECK(send_request(f, "GET", "/", {host}) == errc::ok);
  CHECK(f.output() ==
        bare + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nhello\r\n" + bare);
}

TEST_CASE("RFC 9112 2.2: no field is sent with whitespace before it, or in two lines",
          "[9112-2.2f][9112-5.2a]") {
  refusing r;
  for (const std::string_view name : {" X", "\tX", " ", "\r\n X"})
    CHECK(r.refuses_field(name, "a"));
  for (const std::string_view value : {"a\r\n b", "a\r\n\tb", "\r\n b"}) {
    CHECK(r.refuses_field("X", value));
  }
  CHECK(r.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(r.client.finish({{"X", "a\r\n b"}}) == errc::invalid_argument);
  CHECK(r.client.finish({{" X", "a"}}) == errc::invalid_argument);
}

TEST_CASE("RFC 9112 3.2: Host is sent once and first, with the target's authority if it has one",
          "[9112-3.2a][9112-3.2b][9112-3.2c][9112-3.2.2a][9112-3.2.2b][9112-3.2.4a][9110-5.3b]["
          "9110-7.2a]") {
  fixture f;
  CHECK(send_request(f, "GET", "http://b:8/x", {{"X", "y"}}) == errc::ok);
  CHECK(f.output() == "GET http://b:8/x HTTP/1.1\r\nHost: b:8\r\nX: y\r\n\r\n");
  fixture g;
  CHECK(send_request(g, "CONNECT", "b:443", {{"host", "B:443"}}) == errc::ok);
  CHECK(g.output() == "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n");
  fixture h;
  CHECK(send_request(h, "OPTIONS", "*", {{"Host", ""}}) == errc::ok);
  CHECK(h.output() == "OPTIONS * HTTP/1.1\r\nHost: \r\n\r\n");
  refusing r;
  CHECK(r.refuses("GET", "/", {}));
  CHECK(r.refuses("GET", "/", {host, host}));
  CHECK(r.refuses("GET", "/", {{"Host", "a b"}}));
  CHECK(r.refuses("GET", "/", {{"Host", "user@a"}}));
  CHECK(r.refuses("GET", "http://a/", {{"Host", "b"}}));
}

TEST_CASE("RFC 9112 3.2: a target has one of the four forms, and the method's",
          "[9112-3.2.1b][9112-3.2.3a][9110-7.1a][9110-9.3.6a]") {
  refusing r;
  for (const std::string_view target :
       {"", "x", "a:80", "*", "/ x", "/x\r\nY: z", "/#x", "/\x7f", "/\xe4", "http://", "//a b",
        "http://u@a/", "1http://a/", "http:/a"}) {
    INFO(target);
    CHECK(r.refuses("GET", target, {host}));
  }
  for (const std::string_view target : {"/", "a", "a:", ":80", "http://a:80", "*", "a:80/x"}) {
    INFO(target);
    CHECK(r.refuses("CONNECT", target, {}));
  }
  CHECK(r.refuses("GET", {"/\0", 2}, {host}));
}

TEST_CASE("RFC 9112 3.1: a method is a token, any token") {
  refusing r;
  for (const std::string_view method : {"", "G ET", "GET\r\n", "G(", "\xe4", " GET", "GET "}) {
    INFO(method);
    CHECK(r.refuses(method, "/", {host}));
  }
  CHECK(send_request(r, "BREW!", "/", {host}) == errc::ok);
  CHECK(r.output().starts_with("BREW! / HTTP/1.1\r\n"));
}

TEST_CASE("RFC 9110 5.5: no field breaks out of its line", "[9112-2.2b][9110-2.2b]") {
  refusing r;
  CHECK(r.refuses_field("X", "a\r\nY: b"));
  CHECK(r.refuses_field("X", "a\rb"));
  CHECK(r.refuses_field("X", "a\nb"));
  CHECK(r.refuses_field("X", {"a\0b", 3}));
  CHECK(r.refuses_field("X", "a\x01"));
  CHECK(r.refuses_field("X", "a\x7f"));
  CHECK(r.refuses_field("", "a"));
  CHECK(r.refuses_field("X Y", "a"));
  CHECK(r.refuses_field("X:", "a"));
  CHECK(r.refuses_field("X\r\n", "a"));
  CHECK(r.refuses_field("\xe4", "a"));
}

TEST_CASE("RFC 9112 6.1: the framing is the machine's alone",
          "[9112-6.1b][9112-6.1c][9110-7.6.1c]") {
  refusing r;
  CHECK(r.refuses_field("Transfer-Encoding", "chunked"));
  CHECK(r.refuses_field("transfer-encoding", "gzip"));
  CHECK(r.refuses_field("Content-Length", "x"));
  CHECK(r.refuses_field("Content-Length", "-1"));
  CHECK(r.refuses_field("Content-Length", ""));
  CHECK(r.refuses_field("Connection", "upgrade"));
  CHECK(r.refuses_field("Connection", "close, x"));
  CHECK(r.refuses_field("Connection", "keep-alive"));
  CHECK(r.refuses_field("Expect", "magic"));
  CHECK(r.refuses("POST", "/", {host, {"Content-Length", "3"}}, "body"));
  CHECK(r.refuses("POST", "/", {host, {"Content-Length", "4"}, {"content-length", "4"}}, "body"));
  CHECK(r.client.start_request("POST", "/", {host, {"Content-Length", "3"}}, 4) ==
        errc::invalid_argument);
}

TEST_CASE("RFC 9112 7.4: TE says nothing but trailers, and Connection names it",
          "[9112-7.4a][9112-7.4b][9110-10.1.4a][9110-7.6.1a]") {
  refusing r;
  CHECK(r.refuses_field("TE", "chunked"));
  CHECK(r.refuses_field("TE", "gzip"));
  CHECK(r.refuses_field("te", "trailers, gzip"));
  fixture f;
  CHECK(send_request(f, "GET", "/", {host, {"TE", "trailers"}}) == errc::ok);
  CHECK(f.output() == "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
}

TEST_CASE("RFC 9110 7.8: whoever sends Upgrade names it in Connection",
          "[9110-7.8e][9110-7.6.1a][9110-5.6.1.1a]") {
  fixture f;
  CHECK(send_request(f, "GET", "/", {host, {"Upgrade", "x"}, {"Connection", "close"}}) == errc::ok);
  CHECK(f.output() ==
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade, close\r\n\r\n");
}

TEST_CASE("RFC 9110 8.6: a length is sent with a body, and where one would be expected",
          "[9112-6.3i]") {
  const auto sent = [](std::string_view method, std::string_view body) {
    fixture f;
    CHECK(send_request(f, method, "/", {host}, body) == errc::ok);
    return f.output();
  };
  CHECK(sent("GET", "") == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(sent("DELETE", "") == "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(sent("GET", "x") == "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
  for (const std::string method : {"POST", "PUT", "PATCH"}) {
    CHECK(sent(method, "") == method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  }
}

TEST_CASE("RFC 9110 9.3.6 and 9.3.8: CONNECT and TRACE have no content", "[9110-9.3.8b]") {
  refusing r;
  CHECK(r.refuses("CONNECT", "a:1", {}, "x"));
  CHECK(r.refuses("CONNECT", "a:1", {{"Content-Length", "0"}}));
  CHECK(r.refuses("TRACE", "/", {host}, "x"));
  CHECK(r.client.start_request("CONNECT", "a:1", {}) == errc::invalid_argument);
  CHECK(r.client.start_request("TRACE", "/", {host}, 0) == errc::invalid_argument);
  CHECK(send_request(r, "TRACE", "/", {host}) == errc::ok);
}

TEST_CASE("bytes of every lifetime leave as they are") {
  for (const lifetime life : {lifetime::copied, lifetime::lent, lifetime::stable}) {
    fixture f;
    CHECK(send_request(f, "PUT", "/", {host}, "hello", life) == errc::ok);
    CHECK(f.output(3) == "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  }
  fixture f;
  std::string dies = "hello";
  CHECK(send_request(f, "PUT", "/", {host}, dies, lifetime::lent) == errc::ok);
  CHECK(f.client.retain_output() == errc::ok);
  dies = "xxxxx";
  CHECK(f.output().ends_with("\r\n\r\nhello"));
}

TEST_CASE("a streamed body of known length is that long") {
  fixture f;
  CHECK(f.client.start_request("PUT", "/", {host}, 5) == errc::ok);
  CHECK(f.client.request_open());
  CHECK(f.client.send(text_bytes("hel")) == errc::ok);
  CHECK(f.client.send(text_bytes("")) == errc::ok);
  CHECK(f.client.finish() == errc::invalid_argument);
  CHECK(f.client.send(text_bytes("loo")) == errc::invalid_argument);
  CHECK(f.client.send(text_bytes("lo")) == errc::ok);
  CHECK(f.client.finish({{"X", "y"}}) == errc::invalid_argument);
  CHECK(f.client.finish() == errc::ok);
  CHECK(!f.client.request_open());
  CHECK(f.client.send(text_bytes("x")) == errc::out_of_turn);
  CHECK(f.client.finish() == errc::out_of_turn);
  CHECK(f.output() == "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  fixture g;
  CHECK(g.client.start_request("PUT", "/", {host, {"Content-Length", "0"}}) == errc::ok);
  CHECK(g.client.finish() == errc::ok);
  CHECK(g.output() == "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("RFC 9112 7.1: a body without a length is chunked, with trailers if wanted",
          "[9112-6.1g][9112-6.3i][9112-6.3j][9110-6.5.1a][9110-5.6.3a]") {
  fixture f;
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(f.client.send(text_bytes("0123456789abcdef")) == errc::ok);
  CHECK(f.client.finish({{"Content-Type", "x"}}) == errc::invalid_argument);
  CHECK(f.client.finish({{"Content-Length", "1"}}) == errc::invalid_argument);
  CHECK(f.client.finish({{"X", "a\r\nb"}}) == errc::invalid_argument);
  CHECK(f.client.finish({{"X", "y"}}) == errc::ok);
  CHECK(f.output() ==
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "10\r\n0123456789abcdef\r\n0\r\nX: y\r\n\r\n");
}

TEST_CASE("RFC 9112 6.1: no chunks to a peer that is known for HTTP/1.0",
          "[9112-6.1g][9112-6.3j]") {
  fixture f;
  f.ask();
  f.receive("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
  CHECK(f.client.takes_request());
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::operation_not_supported);
  CHECK(f.client.queued() == 0);
  CHECK(f.client.start_request("PUT", "/", {host}, 1) == errc::ok);
}

TEST_CASE("a body is pulled while it leaves, and ends by itself") {
  using enum http1::body_source::state;
  scripted_source source({{3, more}, {0, later}, {2, end}});
  fixture f;
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(f.client.pull_from(source) == errc::ok);
  CHECK(!f.client.request_open());
  const std::string first = f.output();
  CHECK(first.ends_with("\r\n\r\n0003\r\nxxx\r\n0002\r\nxx\r\n0\r\n\r\n"));
  CHECK(f.receive(ok) == lines{"response 200", "body hi", "end", "over 1"});

  scripted_source short_one({{3, end}});
  fixture g;
  CHECK(g.client.start_request("PUT", "/", {host}, 5) == errc::ok);
  CHECK(g.client.pull_from(short_one) == errc::ok);
  g.output();
  CHECK(g.client.ending() == ending::reset);
  CHECK(g.client.apply(http1::wish::pull_from{}) == errc::invalid_argument);
}

TEST_CASE("output has its limit, and output_low tells when there is room") {
  http1::client_limits l;
  l.output_bytes_max = 1000;
  l.output_low_bytes = 100;
  fixture f(l);
  const std::string half(500, 'x');
  CHECK(send_request(f, "PUT", "/", {host}, std::string(1001, 'x')) == errc::invalid_argument);
  CHECK(send_request(f, "PUT", "/", {host, {"X", std::string(1001, 'x')}}) ==
        errc::invalid_argument);
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(f.client.send(text_bytes(half)) == errc::ok);
  CHECK(f.client.send(text_bytes(half)) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.output();
  CHECK(f.receive() == lines{"low"});
  CHECK(f.client.send(text_bytes(half)) == errc::ok);
  CHECK(f.client.send(text_bytes(std::string(2000, 's')), lifetime::stable) == errc::ok);
}

TEST_CASE("RFC 9112 7.1.2: trailers that are refused for their size leave nothing of them") {
  http1::client_limits l;
  l.output_bytes_max = 1000;
  fixture f(l);
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  f.output();
  const std::string long_one(600, 'x');
  CHECK(f.client.finish({{"X", long_one}, {"Y", long_one}}) == errc::invalid_argument);
  CHECK(f.client.queued() == 0);
  CHECK(f.client.finish() == errc::ok);
  CHECK(f.output() == "0\r\n\r\n");
}

TEST_CASE("output_low doesn't come before anything has left, however often one asks again") {
  http1::client_limits l;
  l.output_bytes_max = 1000;
  l.output_low_bytes = 500;
  fixture f(l);
  const std::string large(900, 'x');
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(f.client.send(text_bytes(std::string(100, 'x'))) == errc::ok);
  CHECK(f.client.send(text_bytes(large)) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.consume(1);
  CHECK(f.receive() == lines{"low"});
  CHECK(f.client.send(text_bytes(large)) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.output();
  CHECK(f.receive() == lines{"low"});
  CHECK(f.client.send(text_bytes(large)) == errc::ok);
}

TEST_CASE("one request at a time, unless more are allowed") {
  fixture f;
  f.ask();
  CHECK(!f.client.takes_request());
  CHECK(send_request(f, "GET", "/", {host}) == errc::out_of_turn);
  CHECK(f.client.start_request("GET", "/", {host}) == errc::out_of_turn);
  CHECK(f.receive(ok).back() == "over 1");
  CHECK(f.client.takes_request());

  http1::client_limits l;
  l.requests_max = 100;  // it is 8 at most
  fixture g(l);
  for (std::size_t i = 0; i < http1::client::requests_most; ++i) g.ask(i % 2 == 0 ? "HEAD" : "GET");
  CHECK(send_request(g, "GET", "/", {host}) == errc::out_of_turn);
  CHECK(g.client.outstanding() == 8);
  // RFC 9112 9.2: answered in order; which were HEAD is remembered.
  const std::string two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + std::string(ok);
  CHECK(g.receive(two + two + two) ==
        lines{"response 200", "end", "over 1", "response 200", "body hi", "end", "over 2",
              "response 200", "end", "over 3", "response 200", "body hi", "end", "over 4",
              "response 200", "end", "over 5", "response 200", "body hi", "end", "over 6"});
  g.ask();
  CHECK(g.client.outstanding() == 3);
}

TEST_CASE("nothing is pipelined behind a request that isn't complete, or may switch protocols") {
  http1::client_limits l;
  l.requests_max = 4;
  fixture f(l);
  CHECK(f.client.start_request("PUT", "/", {host}, 1) == errc::ok);
  CHECK(send_request(f, "GET", "/", {host}) == errc::out_of_turn);
  CHECK(f.client.send(text_bytes("x")) == errc::ok);
  CHECK(f.client.finish() == errc::ok);
  f.ask("CONNECT");
  CHECK(send_request(f, "GET", "/", {host}) == errc::out_of_turn);
  fixture e(l);
  CHECK(send_request(e, "POST", "/", {host, expect}, "hello") == errc::ok);
  CHECK(send_request(e, "GET", "/", {host}) == errc::out_of_turn);
  fixture g(l);
  g.ask("GET", {{"Upgrade", "x"}});
  CHECK(send_request(g, "GET", "/", {host}) == errc::out_of_turn);
  CHECK(g.receive(ok).back() == "over 1");
  CHECK(send_request(g, "GET", "/", {host}) == errc::ok);
}

TEST_CASE("RFC 9112 9.6: nothing is sent behind a request that says close", "[9112-9.6a]") {
  http1::client_limits l;
  l.requests_max = 4;
  fixture f(l);
  f.ask("GET", {{"Connection", "Close"}});
  CHECK(!f.client.takes_request());
  CHECK(send_request(f, "GET", "/", {host}) == errc::connection_gone);
  CHECK(f.client.ending() == ending::open);
  CHECK(f.receive(ok) == lines{"response 200", "body hi", "end of all", "over 1"});
  CHECK(f.client.ending() == ending::close);
  CHECK(f.output() == "|");
}
