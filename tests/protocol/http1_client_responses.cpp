// Responses: heads, bodies, and what the application may want of them. What bytes mean is in
// http1_client_inputs_table.cpp.
#include "http1_client_fixture.hpp"

#include <llhttp.h>

using namespace http1_client_test;
using http1::framing;

namespace {

std::string chunked(std::string_view body) {
  return answer("200 OK", "Transfer-Encoding: chunked\r\n", body);
}

}  // namespace

TEST_CASE("a response's head is what was sent") {
  fixture f;
  f.ask();
  f.receive(answer("404 Not  Here", "X: \t a \r\nContent-Length: 7\r\nx: b\r\n"));
  REQUIRE(f.head != nullptr);
  CHECK(f.head->status == 404);
  CHECK(f.head->reason == "Not  Here");
  CHECK(f.head->minor_version == 1);
  CHECK(f.head->body == framing::length);
  CHECK(f.head->content_length == 7);
  CHECK(f.head->keep_alive);
  CHECK(!f.head->informational());
  REQUIRE(f.head->fields.size() == 3);
  CHECK(f.head->fields[0].value == "a");
  CHECK(f.head->find("X") == &f.head->fields[0]);
  CHECK(f.head->find("Y") == nullptr);
}

TEST_CASE("a response's head stays until its end was told") {
  fixture f;
  f.ask();
  f.receive(answer("200 OK", "Content-Length: 2\r\nX: kept\r\n"));
  const http1::response_head* head = f.head;
  f.react = [&](const http1::client_event& e) {
    if (std::holds_alternative<http1::response_end>(e)) CHECK(head->find("x")->value == "kept");
  };
  CHECK(f.receive("a") == lines{"body a"});
  CHECK(head->find("x")->value == "kept");
  CHECK(f.receive("b") == lines{"body b", "end", "over 1"});
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("RFC 9112 6.3: a length stands for the body that HEAD and 304 don't have") {
  fixture f;
  f.ask("HEAD");
  f.receive(answer("200 OK", "Content-Length: 999\r\n"));
  // The head is gone with the exchange; its event had this.
  fixture g;
  g.ask("HEAD");
  g.react = [&](const http1::client_event& e) {
    if (const auto* r = std::get_if<http1::response>(&e)) {
      CHECK(r->head->content_length == 999);
      CHECK(r->head->body == framing::none);
    }
  };
  CHECK(g.receive(answer("200 OK", "Content-Length: 999\r\n")) ==
        lines{"response 200", "end", "over 1"});
}

TEST_CASE("body pieces point into the lent bytes") {
  fixture f;
  f.ask();
  std::string lent = answer("200 OK", "Content-Length: 5\r\n", "hello");
  auto cursor = f.client.receive(std::as_writable_bytes(std::span(lent)));
  REQUIRE(cursor.next());
  const auto event = cursor.next();
  REQUIRE(event);
  const auto* piece = std::get_if<http1::body>(&*event);
  REQUIRE(piece != nullptr);
  CHECK(as_text(piece->bytes).data() == lent.data() + lent.size() - 5);
}

TEST_CASE("a response's cursor may be dropped at any event") {
  fixture f;
  f.ask();
  std::string bytes = answer("103 Hint") + chunked("3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n");
  lines told;
  std::size_t rounds = 0;
  while (told.empty() || told.back() != "over 1") {
    REQUIRE(++rounds < 100);
    std::string lent = bytes;
    auto cursor = f.client.receive(std::as_writable_bytes(std::span(lent)));
    if (const auto event = cursor.next()) told.push_back(f.brief(*event));
    bytes.assign(as_text(cursor.remaining()));
  }
  CHECK(told ==
        lines{"103", "response 200", "body abc", "body de", "trailers X=y", "end", "over 1"});
}

TEST_CASE(
    "RFC 9112 8: a response that was told whole isn't late or cut, its cursor dropped or not") {
  for (const bool late : {true, false}) {
    fixture f;
    f.at(0);
    f.ask();
    std::string bytes(ok);
    {
      auto cursor = f.client.receive(std::as_writable_bytes(std::span(bytes)));
      CHECK(f.brief(*cursor.next()) == "response 200");
      CHECK(f.brief(*cursor.next()) == "body hi");
    }
    if (late) {
      f.client.advance({instant{} + seconds(30), 30});
    } else {
      f.client.receive_eof(false);
    }
    const lines told = f.receive();
    REQUIRE(told.size() >= 2);
    CHECK(told[0] == (late ? "end" : "end of all"));
    CHECK(told[1] == "over 1");
  }
}

TEST_CASE("RFC 9112 9.2: what comes before a request has begun to leave doesn't answer it",
          "[9112-6.3k][9112-9.2b]") {
  // The second response was there before the second request: somebody smuggled it in.
  fixture f;
  f.ask();
  f.react = [&](const http1::client_event& e) {
    if (!std::holds_alternative<http1::exchange_over>(e)) return;
    CHECK(f.client.send_request("GET", "/next", {host}) == errc::ok);
  };
  CHECK(f.receive(std::string(ok) + std::string(ok)) ==
        lines{"response 200", "body hi", "end", "over 1", "error unsolicited response"});
  // Its first byte is enough: a server may refuse what it doesn't want to read.
  fixture g;
  CHECK(g.client.send_request("GET", "/", {host}) == errc::ok);
  g.consume(1);
  CHECK(g.receive(ok) == lines{"response 200", "body hi", "end"});
  g.output();
  CHECK(g.receive() == lines{"over 1"});
}

TEST_CASE("RFC 9112 9.3: HTTP/1.0 goes on only if it says so") {
  const auto goes_on = [](std::string_view head) {
    fixture f;
    f.ask();
    f.receive(std::string(head) + "Content-Length: 0\r\n\r\n");
    CHECK((f.client.ending() == ending::open) == f.client.takes_request());
    return f.client.takes_request();
  };
  CHECK(goes_on("HTTP/1.1 200 OK\r\n"));
  CHECK(goes_on("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"));
  CHECK(!goes_on("HTTP/1.1 200 OK\r\nConnection: close\r\n"));
  CHECK(!goes_on("HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\n"));
  CHECK(!goes_on("HTTP/1.0 200 OK\r\n"));
  CHECK(goes_on("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"));
  CHECK(!goes_on("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\n"));
}

TEST_CASE("RFC 9112 9.3: a connection isn't used again before the body was read", "[9112-9.3d]") {
  fixture f;
  f.ask();
  f.receive(answer("200 OK", "Content-Length: 5\r\n", "hel"));
  CHECK(!f.client.takes_request());
  CHECK(f.client.discard_body() == errc::ok);
  CHECK(f.receive("l").empty());
  CHECK(f.receive("o") == lines{"end", "over 1"});
  CHECK(f.client.takes_request());
}

TEST_CASE("a body that is held stays with the driver") {
  fixture f;
  f.ask();
  f.receive(answer("200 OK", "Content-Length: 5\r\n"));
  CHECK(f.client.hold_body() == errc::ok);
  CHECK(f.receive("hello").empty());
  CHECK(f.kept == "hello");
  CHECK(f.client.resume_body() == errc::ok);
  CHECK(f.receive() == lines{"body hello", "end", "over 1"});
  CHECK(f.client.hold_body() == errc::out_of_turn);
  CHECK(f.client.resume_body() == errc::out_of_turn);
  CHECK(f.client.discard_body() == errc::out_of_turn);
  CHECK(f.client.raise_body_limit(1) == errc::out_of_turn);
}

TEST_CASE("a discarded body has no trailers, and may end with the connection") {
  fixture f;
  f.ask();
  f.receive(chunked("1\r\na\r\n"));
  CHECK(f.client.discard_body() == errc::ok);
  CHECK(f.receive("1\r\nb\r\n0\r\nX: y\r\n\r\n") == lines{"end", "over 1"});
  fixture g;
  g.ask();
  g.receive(answer("200 OK", "", "a"));
  CHECK(g.client.discard_body() == errc::ok);
  CHECK(g.receive("bcd").empty());
  CHECK(g.eof() == lines{"end of all", "over 1"});
}

TEST_CASE("a body has a limit if it was given one, for all responses or for this") {
  http1::client_limits l;
  l.body_bytes_max = 3;
  const auto read = [&](std::string_view bytes, std::uint64_t raised = 0) {
    fixture f(l);
    f.ask();
    f.react = [&](const http1::client_event& e) {
      if (raised == 0 || !std::holds_alternative<http1::response>(e)) return;
      CHECK(f.client.raise_body_limit(raised) == errc::ok);
    };
    lines told = f.receive(bytes);
    return told.back();
  };
  const std::string length = answer("200 OK", "Content-Length: 4\r\n", "abcd");
  const std::string chunks = chunked("2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n");
  const std::string to_end = answer("200 OK", "", "abcd");
  CHECK(read(length) == "error content too large");
  CHECK(read(chunks) == "error content too large");
  CHECK(read(to_end) == "error content too large");
  CHECK(read(length, 4) == "over 1");
  CHECK(read(chunks, 4) == "over 1");
  CHECK(read(to_end, 4) == "body abcd");
  CHECK(read(answer("200 OK", "", "abc")) == "body abc");
}

TEST_CASE("RFC 9112 6.3: only an orderly end completes a body that has no other", "[9112-8a]") {
  fixture f;
  f.ask();
  CHECK(f.receive(answer("200 OK", "", "part")) == lines{"response 200", "body part"});
  CHECK(f.eof() == lines{"end of all", "over 1"});
  CHECK(f.client.ending() == ending::close);
  fixture g;
  g.ask();
  g.receive(answer("200 OK", "", "part"));
  CHECK(g.eof(false) == lines{"transport failed"});
  CHECK(g.client.ending() == ending::reset);
  CHECK(g.memory.in_use() == 0);
}

TEST_CASE("a connection that ends between exchanges is told, whichever way") {
  for (const bool clean : {true, false}) {
    fixture fresh;
    CHECK(fresh.eof(clean) == lines{"closed"});
    fixture f;
    f.ask();
    f.receive(ok);
    CHECK(f.eof(clean) == lines{"closed"});
    CHECK(f.client.ending() == (clean ? ending::close : ending::reset));
    CHECK(!f.client.takes_request());
    CHECK(f.client.send_request("GET", "/", {host}) == errc::connection_gone);
    CHECK(f.receive(ok).empty());
  }
}

TEST_CASE("a connection that is lost under an exchange is told, wherever it was") {
  for (const std::string_view bytes : {"", "HTTP/1.1 2", "HTTP/1.1 103 \r\n\r\n",
                                       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh"}) {
    fixture f;
    f.ask();
    f.receive(bytes);
    CHECK(f.eof(false) == lines{"transport failed"});
    CHECK(f.client.ending() == ending::reset);
    CHECK(f.memory.in_use() == 0);
    CHECK(f.receive(ok).empty());
  }
}

// Other protocols.

TEST_CASE("RFC 9110 7.8: behind an upgrade no byte is lost, and none is read here") {
  fixture f;
  f.ask("GET", {{"Upgrade", "echo"}});
  const std::string head = answer("101 Switching", "Connection: upgrade\r\nUpgrade: echo\r\n");
  CHECK(f.receive(head + "frame") == lines{"switched 101 Connection=upgrade Upgrade=echo"});
  CHECK(f.kept == "frame");
  CHECK(f.receive(" two").empty());
  CHECK(f.kept == "frame two");
  CHECK(f.client.ending() == ending::open);
  CHECK(f.client.deadline() == instant::never());
  CHECK(f.memory.in_use() == 0);
  CHECK(f.client.send_request("GET", "/", {host}) == errc::connection_gone);
  CHECK(f.client.send(text_bytes("x")) == errc::connection_gone);
  CHECK(f.client.stop_request() == errc::connection_gone);
  CHECK(f.client.hold_body() == errc::connection_gone);
  CHECK(f.client.shut_down() == errc::connection_gone);
  CHECK(f.client.abort() == errc::ok);
}

TEST_CASE("RFC 9110 9.3.6: a tunnel begins behind the head of any 2xx",
          "[9112-6.3a][9110-9.3.6e]") {
  fixture f;
  f.ask("CONNECT");
  CHECK(f.receive(answer("100 Wait") + answer("200 OK", "Content-Length: 5\r\n", "hello")) ==
        lines{"100", "switched 200 Content-Length=5"});
  CHECK(f.kept == "hello");
  CHECK(f.eof().empty());
  CHECK(f.client.ending() == ending::close);
}

TEST_CASE("RFC 9110 7.8: 101 opens no tunnel, it answers Upgrade alone") {
  fixture f;
  f.ask("CONNECT");
  CHECK(f.receive(answer("101 Switching", "Upgrade: x\r\n")) == lines{"error unasked switch"});
  CHECK(f.client.ending() == ending::close);
}

TEST_CASE("RFC 9110 7.8: nobody switches in the middle of a request", "[9110-7.8g]") {
  fixture f;
  CHECK(f.client.start_request("POST", "/", {host, {"Upgrade", "x"}}, 5) == errc::ok);
  f.output();
  CHECK(f.receive(answer("101 Switching", "Upgrade: x\r\n")) == lines{"error unasked switch"});
  fixture g;
  CHECK(g.client.send_request("POST", "/", {host, {"Upgrade", "x"}, {"Expect", "100-continue"}},
                              text_bytes("hello")) == errc::ok);
  g.output();
  CHECK(g.receive(answer("101 Switching", "Upgrade: x\r\n")) == lines{"error unasked switch"});
  // What is complete but hasn't left still leaves.
  fixture h;
  CHECK(h.client.send_request("GET", "/", {host, {"Upgrade", "x"}}) == errc::ok);
  h.consume(5);
  CHECK(h.receive(answer("101 Switching", "Upgrade: x\r\n")) == lines{"switched 101 Upgrade=x"});
  CHECK(h.output().ends_with("Connection: upgrade\r\n\r\n"));
}

// The gaps of llhttp, one by one: what it does by itself, and what comes out here.

TEST_CASE("llhttp: its gaps for responses are closed") {
  const auto told = [](std::string_view bytes) {
    fixture f;
    f.ask();
    return f.receive(bytes).back();
  };
  CHECK(told("HTTP/2.0 200 OK\r\n\r\n") == "error unsupported version");
  CHECK(told("HTTP/0.9 200 OK\r\n\r\n") == "error unsupported version");
  CHECK(told({"HTTP/1.1 200 O\0K\r\n\r\n", 20}) == "error malformed status line");
  CHECK(told("\r\nHTTP/1.1 200 OK\r\n\r\n") == "error not a response");
  CHECK(told(answer("200 OK", "Transfer-Encoding: gzip\r\n")) == "error invalid transfer encoding");
  CHECK(told(answer("200 OK", "Transfer-Encoding: gzip, chunked\r\n")) ==
        "error unknown transfer coding");
  CHECK(told(chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n")) == "error framing in trailers");
  CHECK(told(std::string(ok) + std::string(ok)) == "error unsolicited response");
}

TEST_CASE("llhttp: 100,000 fields, 10 MB of one, and long extensions, in bounded memory") {
  std::string fields;
  for (int i = 0; i < 100'000; ++i) fields += "A: b\r\n";
  for (const std::string& bytes :
       {answer("200 OK", fields), answer("200 OK", "X: " + std::string(10'000'000, 'x')),
        chunked("1;" + std::string(200'000, 'x')), "HTTP/1.1 200 " + std::string(100'000, 'x'),
        chunked("0\r\nX: " + std::string(100'000, 'x'))}) {
    fixture f;
    f.ask();
    CHECK(f.receive(bytes).back().starts_with("error "));
    CHECK(f.memory.in_use_most() == 1);
  }
}

TEST_CASE("llhttp: it still has the gaps for responses that are closed here") {
  // If one of these fails, llhttp has got stricter, and a check of ours has lost its reason.
  const auto accepts = [](std::string_view bytes) {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    llhttp_t parser;
    llhttp_init(&parser, HTTP_RESPONSE, &settings);
    return llhttp_execute(&parser, bytes.data(), bytes.size()) == HPE_OK;
  };
  CHECK(accepts("HTTP/2.0 200 OK\r\n\r\n"));
  CHECK(accepts("HTTP/0.9 200 OK\r\n\r\n"));
  CHECK(accepts({"HTTP/1.1 200 O\0K\r\n\r\n", 20}));
  CHECK(accepts("\r\nHTTP/1.1 200 OK\r\n\r\n"));
  CHECK(accepts("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"));
  CHECK(accepts("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  CHECK(accepts(chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n")));
}
