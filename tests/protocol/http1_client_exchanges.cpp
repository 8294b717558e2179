// Exchanges in which request and response meet: expectations, early responses, ends.
#include "http1_client_fixture.hpp"

using namespace http1_client_test;

namespace {

constexpr http1::field expect{"Expect", "100-continue"};
constexpr std::string_view expecting =
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

}  // namespace

// Expect, RFC 9110 10.1.1.

TEST_CASE("RFC 9110 10.1.1: a body that is announced waits for the 100", "[9110-10.1.1b]") {
  fixture f;
  CHECK(send_request(f, "POST", "/", {host, expect}, "hello") == errc::ok);
  CHECK(f.output() == expecting);
  CHECK(f.client.queued() == 5);
  CHECK(!f.client.takes_request());
  CHECK(f.receive(answer("103 Hint")) == lines{"103"});
  CHECK(f.output().empty());
  CHECK(f.receive(answer("100 Continue")) == lines{"100"});
  CHECK(f.output() == "hello");
  CHECK(f.receive(ok) == lines{"response 200", "body hi", "end", "over 1"});
}

TEST_CASE("RFC 9110 10.1.1: so does one that is streamed, or pulled") {
  fixture f;
  CHECK(f.client.start_request("POST", "/", {host, expect}, 5) == errc::ok);
  CHECK(f.client.send(text_bytes("hel"), lifetime::lent) == errc::ok);
  CHECK(f.client.retain_output() == errc::ok);
  CHECK(f.output() == expecting);
  CHECK(f.client.send(text_bytes("lo")) == errc::ok);
  CHECK(f.client.finish() == errc::ok);
  CHECK(f.output().empty());
  f.receive(answer("100 Continue"));
  CHECK(f.output() == "hello");

  scripted_source source({{5, http1::body_source::state::end}});
  fixture g;
  CHECK(g.client.start_request("POST", "/", {host, expect}, 5) == errc::ok);
  CHECK(g.client.pull_from(source) == errc::ok);
  CHECK(g.output() == expecting);
  CHECK(source.pulls == 0);
  g.receive(answer("100 Continue"));
  CHECK(g.output() == "xxxxx");
}

TEST_CASE("RFC 9110 10.1.1: no 100, and the body goes when the time for one is over") {
  fixture f;
  f.at(0);
  CHECK(send_request(f, "POST", "/", {host, expect}, "hello") == errc::ok);
  CHECK(f.output() == expecting);
  CHECK(f.at(999).empty());
  CHECK(f.output().empty());
  CHECK(f.at(1000).empty());
  CHECK(f.output() == "hello");
  CHECK(f.receive(answer("100 Continue")) == lines{"100"});
  CHECK(f.receive(ok).back() == "over 1");
  CHECK(f.client.ending() == ending::open);
}

TEST_CASE("RFC 9110 15.5.18: 417, or any final response, instead of the 100, and no body leaves") {
  for (const std::string_view status : {"417 Expectation Failed", "200 OK", "401 Prove It"}) {
    fixture f;
    CHECK(send_request(f, "POST", "/", {host, expect}, "hello") == errc::ok);
    CHECK(f.output() == expecting);
    const lines told = f.receive(answer(status, "Content-Length: 1\r\n", "n"));
    // Whether the body is still to come, nobody knows: the connection can't go on.
    CHECK(told ==
          lines{"response " + std::string(status.substr(0, 3)), "body n", "end of all", "over 1"});
    CHECK(f.output() == "|");
    CHECK(f.client.ending() == ending::close);
  }
  fixture f;
  CHECK(f.client.start_request("POST", "/", {host, expect}, 5) == errc::ok);
  f.output();
  CHECK(f.receive(answer("417 No", "Content-Length: 1\r\n")) == lines{"response 417"});
  CHECK(f.client.send(text_bytes("hello")) == errc::connection_gone);
}

TEST_CASE("RFC 9110 10.1.1: what is said to the request before isn't said to the one that waits") {
  http1::client_limits l;
  l.requests_max = 2;
  fixture f(l);
  f.ask();
  CHECK(send_request(f, "POST", "/", {host, expect}, "hello") == errc::ok);
  CHECK(f.output() == expecting);
  CHECK(f.receive(answer("100 Continue") + std::string(ok)) ==
        lines{"100", "response 200", "body hi", "end", "over 1"});
  CHECK(f.output().empty());
  f.receive(answer("100 Continue"));
  CHECK(f.output() == "hello");
  CHECK(f.receive(ok).back() == "over 2");
}

TEST_CASE("RFC 9110 10.1.1: nothing is expected without content", "[9110-10.1.1a]") {
  refusing r;
  CHECK(r.refuses("POST", "/", {host, expect}));
  CHECK(r.client.start_request("POST", "/", {host, expect}, 0) == errc::invalid_argument);
  CHECK(send_request(r, "POST", "/", {host, {"expect", "100-Continue"}}, "x") == errc::ok);
}

// Responses that come while the request is still on its way.

TEST_CASE("RFC 9112 9.5: a body isn't sent on to a peer that is about to close") {
  fixture f;
  CHECK(f.client.start_request("POST", "/", {host}, 100) == errc::ok);
  CHECK(f.client.send(text_bytes("some")) == errc::ok);
  f.output();
  CHECK(f.client.send(text_bytes("more")) == errc::ok);
  CHECK(f.receive(answer("413 Too Large", "Connection: close\r\nContent-Length: 2\r\n", "n")) ==
        lines{"response 413", "body n"});
  CHECK(f.output() == "|");
  CHECK(f.client.ending() == ending::open);
  CHECK(f.client.send(text_bytes("x")) == errc::connection_gone);
  CHECK(f.client.finish() == errc::connection_gone);
  CHECK(f.client.stop_request() == errc::connection_gone);
  CHECK(f.receive("o") == lines{"body o", "end of all", "over 1"});
  CHECK(f.client.ending() == ending::close);
}

TEST_CASE("a body goes on behind a response that lets the connection live") {
  fixture f;
  CHECK(f.client.start_request("POST", "/", {host}, 8) == errc::ok);
  CHECK(f.client.send(text_bytes("some")) == errc::ok);
  f.output();
  CHECK(f.receive(ok) == lines{"response 200", "body hi", "end"});
  CHECK(!f.client.takes_request());
  CHECK(f.client.send(text_bytes("more")) == errc::ok);
  CHECK(f.client.finish() == errc::ok);
  CHECK(f.receive().empty());
  CHECK(f.output() == "more");
  CHECK(f.receive() == lines{"over 1"});
  CHECK(f.client.takes_request());
}

TEST_CASE("a body that isn't worth sending is stopped, and the connection with it") {
  fixture f;
  CHECK(f.client.start_request("POST", "/", {host}, 8) == errc::ok);
  CHECK(f.client.send(text_bytes("some")) == errc::ok);
  CHECK(f.client.stop_request() == errc::out_of_turn);
  f.output();
  f.receive(answer("403 No", "Content-Length: 2\r\n", "n"));
  CHECK(f.client.stop_request() == errc::ok);
  CHECK(f.client.ending() == ending::open);
  CHECK(f.output() == "|");
  CHECK(f.receive("o") == lines{"body o", "end of all", "over 1"});
  CHECK(f.client.ending() == ending::close);

  fixture g;
  g.ask();
  g.receive(answer("200 OK", "Content-Length: 2\r\n"));
  CHECK(g.client.stop_request() == errc::out_of_turn);
  fixture h;
  CHECK(h.client.start_request("POST", "/", {host}, 8) == errc::ok);
  h.output();
  CHECK(h.receive(ok) == lines{"response 200", "body hi", "end"});
  CHECK(h.client.stop_request() == errc::ok);
  CHECK(h.receive() == lines{"over 1"});
  CHECK(h.client.ending() == ending::close);
}

TEST_CASE("a peer that closes behind its early response had enough of the request") {
  for (const bool clean : {true, false}) {
    fixture f;
    CHECK(f.client.start_request("POST", "/", {host}, 8) == errc::ok);
    f.output();
    CHECK(f.receive(ok) == lines{"response 200", "body hi", "end"});
    CHECK(f.eof(clean) == lines{"over 1", "closed"});
    CHECK(f.client.ending() == (clean ? ending::close : ending::reset));
  }
}

TEST_CASE("RFC 9112 9.6: requests behind a response that says close are unanswered") {
  http1::client_limits l;
  l.requests_max = 4;
  fixture f(l);
  f.ask();
  f.ask();
  CHECK(send_request(f, "GET", "/", {host}) == errc::ok);
  CHECK(f.receive(answer("200 OK", "Connection: close\r\nContent-Length: 0\r\n")) ==
        lines{"response 200", "end of all", "over 1", "error unanswered"});
  CHECK(f.output() == "|");
  CHECK(f.client.ending() == ending::close);
}

TEST_CASE("shut_down() lets the exchanges in progress end, abort() doesn't") {
  fixture idle;
  CHECK(idle.client.shut_down() == errc::ok);
  CHECK(idle.client.ending() == ending::close);
  CHECK(idle.client.shut_down() == errc::connection_gone);
  CHECK(idle.receive().empty());

  fixture f;
  f.ask();
  CHECK(f.client.shut_down() == errc::ok);
  CHECK(send_request(f, "GET", "/", {host}) == errc::connection_gone);
  CHECK(f.receive(ok) == lines{"response 200", "body hi", "end of all", "over 1"});
  CHECK(f.client.ending() == ending::close);

  fixture g;
  CHECK(g.client.start_request("POST", "/", {host}, 8) == errc::ok);
  const std::size_t shown = g.client.output(100).size();
  CHECK(g.client.abort() == errc::ok);
  g.client.consume_output(shown);
  CHECK(g.client.ending() == ending::reset);
  CHECK(g.output().empty());
  CHECK(g.receive(ok).empty());
  CHECK(g.client.abort() == errc::connection_gone);
  CHECK(g.memory.in_use() == 0);
}

TEST_CASE("wishes as data are the same wishes") {
  namespace wish = http1::wish;
  fixture f;
  const http1::field fields[] = {host};
  CHECK(f.client.apply(wish::start_request{"PUT", "/", fields, 2}) == errc::ok);
  CHECK(f.client.apply(wish::send{text_bytes("hi")}) == errc::ok);
  CHECK(f.client.apply(wish::finish{}) == errc::ok);
  CHECK(f.output() == "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
  f.receive(answer("200 OK", "Content-Length: 3\r\n"));
  CHECK(f.client.apply(wish::hold_body{}) == errc::ok);
  CHECK(f.client.apply(wish::resume_body{}) == errc::ok);
  CHECK(f.client.apply(wish::discard_body{}) == errc::ok);
  CHECK(f.client.apply(wish::raise_body_limit{9}) == errc::ok);
  CHECK(f.client.apply(wish::stop_request{}) == errc::out_of_turn);
  CHECK(f.receive("abc") == lines{"end", "over 1"});
  CHECK(f.client.apply(wish::send_request{.fields = fields}) == errc::ok);
  CHECK(f.client.apply(wish::shut_down{}) == errc::ok);
  CHECK(f.client.apply(wish::abort{}) == errc::ok);
}
