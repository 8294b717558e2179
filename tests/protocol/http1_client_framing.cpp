// What RFC 9112 demands of a client that reads responses, section by section. Each rule that one
// test elsewhere covers as a whole is found by its section's name, too: grep for "RFC 9112".
#include "http1_client_fixture.hpp"

using namespace http1_client_test;

namespace {

// What a GET that is answered so comes to.
lines told(std::string_view bytes, std::string_view method = "GET") {
  fixture f;
  f.ask(method);
  return f.receive(bytes);
}

std::string chunked(std::string_view body) {
  return answer("200 OK", "Transfer-Encoding: chunked\r\n", body);
}

lines complete(std::string_view body) {
  return {"response 200", "body " + std::string(body), "end", "over 1"};
}

}  // namespace

TEST_CASE("RFC 9112 2.2: a response is read as bytes, not as characters", "[9112-2.2a]") {
  fixture f;
  f.ask();
  f.receive(answer("200 OK", "X: \xc3\xa4\xff\r\n"));
  CHECK(f.head->find("X")->value == "\xc3\xa4\xff");
  // In some encodings the line feed would be the second half of a character.
  CHECK(told(answer("200 OK", "X: \xe5\n\r\n")) == lines{"error bare line feed"});
}

TEST_CASE("RFC 9112 2.2: a bare CR is no line end, and nothing else either", "[9112-2.2c]") {
  CHECK(told(answer("200 OK", "X: a\rY: b\r\n")) == lines{"error bare carriage return"});
  CHECK(told("HTTP/1.1 200 a\rb\r\n\r\n") == lines{"error bare carriage return"});
}

TEST_CASE("RFC 9112 2.2: whitespace before the first field is no way to hide it", "[9112-2.2g]") {
  CHECK(told("HTTP/1.1 200 OK\r\n Transfer-Encoding: chunked\r\n\r\n") ==
        lines{"error obsolete line folding"});
  CHECK(told("HTTP/1.1 200 OK\r\n\tX: a\r\n\r\n") == lines{"error obsolete line folding"});
}

TEST_CASE("RFC 9110 5.5: a response's field has no CR, LF and NUL, and no whitespace around it",
          "[9110-5.5a][9110-5.5b]") {
  CHECK(told(answer("200 OK", "X: a\nb\r\n")) == lines{"error bare line feed"});
  CHECK(told(answer("200 OK", "X: a\rb\r\n")) == lines{"error bare carriage return"});
  CHECK(told(answer("200 OK", {"X: a\0b\r\n", 8})) == lines{"error invalid field value"});
  fixture f;
  f.ask();
  f.receive(answer("200 OK", "X: \t a \t b\t \r\n"));
  CHECK(f.head->find("X")->value == "a \t b");
}

TEST_CASE("RFC 9110 5.6.1: empty elements of a response's lists are skipped",
          "[9110-5.6.1.2a][9110-5.6.1.2b]") {
  CHECK(told(answer("200 OK", "Connection: , ,\t,close,,\r\nContent-Length: 0\r\n")) ==
        lines{"response 200", "end of all", "over 1"});
  const std::string body = "1\r\na\r\n0\r\n\r\n";
  CHECK(told(answer("200 OK", "Transfer-Encoding: ,, chunked\r\n", body)) == complete("a"));
  // Some that forward a response would take this for no chunked at the end.
  CHECK(told(answer("200 OK", "Transfer-Encoding: chunked,\r\n", body)) ==
        lines{"error invalid transfer encoding"});
}

TEST_CASE("RFC 9110 5.6.3: whitespace in a response's chunk extension isn't read around",
          "[9110-5.6.3b]") {
  for (const std::string size : {"1 ", "1 ;a", "1; a", "1;a =b", "1;a= b", "1;a=b "}) {
    INFO(size);
    const lines what = told(chunked(size + "\r\nx\r\n0\r\n\r\n"));
    REQUIRE(what.size() == 2);
    CHECK(what.back().starts_with("error "));
  }
}

TEST_CASE("RFC 9112 2.3: requests are of HTTP/1.1, and responses of 1.0 or 1.1", "[9110-6.2a]") {
  fixture f;
  CHECK(f.client.send_request("GET", "/", {host}) == errc::ok);
  CHECK(f.output().starts_with("GET / HTTP/1.1\r\n"));
  CHECK(told("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi") ==
        lines{"response 200", "body hi", "end of all", "over 1"});
  CHECK(told("HTTP/3.0 200 OK\r\n\r\n") == lines{"error unsupported version"});
}

TEST_CASE("RFC 9112 4: a status line is version, status and a reason that means nothing") {
  CHECK(told("HTTP/1.1 200 404 Not Found\r\nContent-Length: 2\r\n\r\nhi") == complete("hi"));
  CHECK(told("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi") == complete("hi"));
  CHECK(told("HTTP/1.1 2O0 OK\r\n\r\n") == lines{"error malformed status line"});
  CHECK(told("HTTP/1.1 200OK\r\n\r\n") == lines{"error malformed status line"});
}

TEST_CASE("RFC 9112 5.1: a field's name ends at its colon") {
  CHECK(told(answer("200 OK", "Content-Length : 2\r\n", "hi")) ==
        lines{"error whitespace before colon"});
  CHECK(told(answer("200 OK", "Content-Length\t: 2\r\n", "hi")) ==
        lines{"error whitespace before colon"});
}

TEST_CASE("RFC 9112 5.2: a folded line isn't read in two ways: it isn't read", "[9112-5.2d]") {
  CHECK(told(answer("200 OK", "X: a\r\n Content-Length: 2\r\n", "hi")) ==
        lines{"error obsolete line folding"});
}

TEST_CASE("RFC 9112 6.1: codings in HTTP/1.0 are faulty framing", "[9112-6.1j]") {
  CHECK(told("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
        lines{"error chunked in HTTP/1.0"});
  CHECK(told("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD") ==
        lines{"error chunked in HTTP/1.0"});
}

TEST_CASE("RFC 9112 6.2: a length beside codings never leaves, and none overflows",
          "[9112-6.2a][9110-8.6e]") {
  fixture f;
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(f.output().find("Content-Length") == std::string::npos);
  fixture g;
  CHECK(g.client.start_request("PUT", "/", {host, {"Content-Length", "9"}}) == errc::ok);
  CHECK(g.output().find("Transfer-Encoding") == std::string::npos);
  CHECK(told(answer("200 OK", "Content-Length: 18446744073709551615\r\n", "x")) ==
        lines{"response 200", "body x"});
  CHECK(told(answer("200 OK", "Content-Length: 18446744073709551616\r\n", "x")) ==
        lines{"error invalid content length"});
}

TEST_CASE("RFC 9112 6.3: rule 1, HEAD, 1xx, 204 and 304 end with their heads") {
  const std::string fields = "Content-Length: 5\r\n";
  CHECK(told(answer("200 OK", fields), "HEAD") == lines{"response 200", "end", "over 1"});
  CHECK(told(answer("204 No", fields)) == lines{"response 204", "end", "over 1"});
  CHECK(told(answer("304 No", fields)) == lines{"response 304", "end", "over 1"});
  CHECK(told(answer("102 Wait", fields) + std::string(ok)).back() == "over 1");
}

TEST_CASE("RFC 9112 6.3: rule 2, a tunnel begins behind its head, whatever the fields say",
          "[9112-6.3a][9110-9.3.6e]") {
  for (const std::string fields : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
                                   "Transfer-Encoding: x\r\n", ""}) {
    fixture f;
    f.ask("CONNECT");
    CHECK(f.receive(answer("200 OK", fields, "5\r\nbytes")).front().starts_with("switched 200"));
    CHECK(f.kept == "5\r\nbytes");
  }
  // Save what is no framing at all.
  for (const std::string fields :
       {"Content-Length: x\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"}) {
    CHECK(told(answer("200 OK", fields), "CONNECT").back().starts_with("error "));
  }
}

TEST_CASE("RFC 9112 6.3: rule 3, codings and a length together are an attack") {
  for (const std::string_view method : {"GET", "HEAD"}) {
    CHECK(told(answer("200 OK", "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n"), method) ==
          lines{"error conflicting framing"});
    CHECK(told(answer("200 OK", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), method) ==
          lines{"error conflicting framing"});
  }
}

TEST_CASE("RFC 9112 6.3: rule 4, the last coding is chunked, or the framing can't be relied on",
          "[9112-6.1a]") {
  CHECK(told(chunked("2\r\nhi\r\n0\r\n\r\n")) == complete("hi"));
  CHECK(told(answer("200 OK", "Transfer-Encoding: chunked, gzip\r\n")) ==
        lines{"error invalid transfer encoding"});
  CHECK(told(answer("200 OK", "Transfer-Encoding: identity\r\n")) ==
        lines{"error invalid transfer encoding"});
}

TEST_CASE("RFC 9112 6.3: rule 5, an invalid length discards the response and the connection",
          "[9112-6.3d][9112-6.3g]") {
  for (const std::string_view value : {"1, 2", "2 2", "2;", "", "two", "0x2", "2.0", "\xb2"}) {
    INFO(value);
    fixture f;
    f.ask();
    CHECK(f.receive(answer("200 OK", "Content-Length: " + std::string(value) + "\r\n", "hi")) ==
          lines{"error invalid content length"});
    CHECK(f.client.ending() == ending::close);
  }
  CHECK(told(answer("200 OK", "Content-Length: 2\r\nContent-Length: 3\r\n", "hi")) ==
        lines{"error repeated content length"});
}

TEST_CASE("RFC 9112 6.3: rule 6, fewer bytes than the length are no response", "[9112-6.3h]") {
  fixture f;
  f.ask();
  CHECK(f.receive(answer("200 OK", "Content-Length: 3\r\n", "hi")).size() == 2);
  CHECK(f.eof() == lines{"error truncated body"});
}

TEST_CASE("RFC 9112 6.3: rule 8, without any of these a body ends with the connection") {
  fixture f;
  f.ask();
  CHECK(f.receive(answer("200 OK", "", "hi")) == lines{"response 200", "body hi"});
  CHECK(!f.client.takes_request());
  CHECK(f.eof() == lines{"end of all", "over 1"});
}

TEST_CASE("RFC 9112 6.3: bytes behind the last response are no response",
          "[9112-6.3k][9112-9.2b]") {
  CHECK(told(std::string(ok) + std::string(ok)).back() == "error unsolicited response");
  // Behind one that said close they aren't even looked at.
  CHECK(told(answer("200 OK", "Connection: close\r\nContent-Length: 0\r\n") + std::string(ok)) ==
        lines{"response 200", "end of all", "over 1"});
}

TEST_CASE("RFC 9112 7.1: chunks are decoded, and their sizes don't overflow",
          "[9112-7.1a][9112-7.1b]") {
  CHECK(told(chunked("1\r\nh\r\n1\r\ni\r\n0\r\n\r\n")) ==
        lines{"response 200", "body h", "body i", "end", "over 1"});
  CHECK(told(chunked("FFFFFFFFFFFFFFFF\r\nx")) == lines{"response 200", "body x"});
  CHECK(told(chunked("10000000000000000\r\nx")) ==
        lines{"response 200", "error invalid chunk size"});
  // Together they do.
  CHECK(told(chunked("1\r\nx\r\nFFFFFFFFFFFFFFFF\r\n")) ==
        lines{"response 200", "body x", "error content too large"});
}

TEST_CASE("RFC 9112 7.1.1: extensions that nobody knows are ignored", "[9112-7.1.1a]") {
  CHECK(told(chunked("2;a;b=c;d=\"e;\\\"f\"\r\nhi\r\n0;z\r\n\r\n")) == complete("hi"));
}

TEST_CASE("RFC 9112 7.1.2: trailers are told apart from the head's fields",
          "[9112-7.1.2a][9112-7.1.2b][9110-6.5.1b]") {
  fixture f;
  f.ask();
  f.react = [&](const http1::client_event& e) {
    if (!std::holds_alternative<http1::response_end>(e)) return;
    CHECK(f.head->fields.size() == 1);
    CHECK(f.head->find("X") == nullptr);
  };
  CHECK(f.receive(chunked("0\r\nX: y\r\nContent-Type: evil\r\n\r\n")) ==
        lines{"response 200", "trailers X=y", "end", "over 1"});
}

TEST_CASE("RFC 9112 8: whatever is incomplete is told as such", "[9112-8a]") {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 200 OK\r\n"), answer("200 OK", "Content-Length: 2\r\n", "h"),
        chunked("2\r\nhi\r\n"), chunked("0\r\n"), chunked("0\r\nX: y\r\n")}) {
    fixture f;
    f.ask();
    f.receive(bytes);
    CHECK(f.eof().front().starts_with("error truncated"));
  }
}

TEST_CASE("RFC 9112 9.2: each response is for the first request without one",
          "[9112-9.2a][9110-6a]") {
  http1::client_limits l;
  l.requests_max = 3;
  fixture f(l);
  f.ask("HEAD");
  f.ask("GET");
  f.ask("HEAD");
  const std::string head = answer("200 OK", "Content-Length: 2\r\n");
  // Interim ones answer nothing.
  CHECK(f.receive(head + answer("103 Hint") + head + "hi" + answer("103 Hint") + head) ==
        lines{"response 200", "end", "over 1", "103", "response 200", "body hi", "end", "over 2",
              "103", "response 200", "end", "over 3"});
}

TEST_CASE("RFC 9112 9.3.1: a request that was never answered is told from one that was cut short") {
  fixture f;
  f.ask();
  CHECK(f.eof() == lines{"error unanswered"});
  fixture g;
  g.ask();
  g.receive("H");
  CHECK(g.eof() == lines{"error truncated head"});
}

TEST_CASE("RFC 9112 9.6: behind a response that says close the connection is closed",
          "[9112-9.6f]") {
  fixture f;
  f.ask();
  CHECK(f.receive(answer("200 OK", "Connection: close\r\nContent-Length: 0\r\n")) ==
        lines{"response 200", "end of all", "over 1"});
  CHECK(f.client.send_request("GET", "/", {host}) == errc::connection_gone);
  CHECK(f.client.ending() == ending::close);
  CHECK(f.output() == "|");
}

TEST_CASE("RFC 9110 15.2: any number of interim responses may come before the final one",
          "[9110-15.2b]") {
  std::string hints;
  for (int i = 0; i < 16; ++i) hints += answer("1" + std::to_string(20 + i) + " Some");
  CHECK(told(hints + std::string(ok)).size() == 20);
  CHECK(told(hints + answer("103 Hint")).back() == "error too many informational");
  // Each final response has as many of its own.
  fixture f;
  for (int i = 0; i < 3; ++i) {
    f.ask();
    CHECK(f.receive(hints + std::string(ok)).size() == 20);
  }
}

TEST_CASE("RFC 9110 15: of a status that nobody knows the first digit counts", "[9110-15a]") {
  CHECK(told(answer("199 Odd") + std::string(ok)).front() == "199");
  for (const std::string status : {"299", "399", "499", "599"}) {
    CHECK(told(answer(status, "Content-Length: 2\r\n", "hi")) ==
          lines{"response " + status, "body hi", "end", "over 1"});
  }
  fixture f;
  f.ask("CONNECT");
  CHECK(f.receive(answer("299 Odd", "", "x")) == lines{"switched 299"});
  fixture g;
  g.ask("CONNECT");
  CHECK(g.receive(answer("399 Odd", "Content-Length: 2\r\n", "hi")).front() == "response 399");
}
