// What RFC 9112 demands of a server that reads requests, section by section, as
// http1_client_framing.cpp does for a client. Tags name rules of http1_rules.txt.
#include "http1_fixture.hpp"

using namespace http1_test;

namespace {

std::string get_with(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string chunked(std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); }

lines told(std::string_view bytes) { return fixture().receive(bytes); }

// What becomes of a connection whose every complete request is answered: the statuses that leave,
// and "|" if it half-closes behind them.
std::string answered(std::string_view bytes, http1::field_list fields = {}, bool fin = false) {
  fixture f;
  std::string all;
  f.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request_end>(e))
      CHECK(f.server.respond(200, fields) == errc::ok);
  };
  f.receive(bytes);
  if (fin) f.eof();
  const std::string output = f.output();
  for (std::size_t at = output.find("HTTP/1.1 "); at != output.npos;
       at = output.find("HTTP/1.1 ", at + 1)) {
    all += output.substr(at + 9, 3) + ' ';
  }
  if (output.ends_with('|')) all += '|';
  return all;
}

}  // namespace

TEST_CASE("RFC 9112 2.2: a request is read as bytes, not as characters", "[9112-2.2a]") {
  fixture f;
  CHECK(f.receive(get_with("X: \xc3\xa4\xff\r\n")) == lines{"GET /", "end"});
  CHECK(f.head->find("X")->value == "\xc3\xa4\xff");
  // In some encodings the line feed would be the second half of a character.
  CHECK(told(get_with("X: \xe5\n\r\n")) == lines{"error bare line feed"});
}

TEST_CASE("RFC 9112 2.2: a bare CR in a request is no line end, and nothing else either",
          "[9112-2.2c][9110-5.5b]") {
  CHECK(told(get_with("X: a\rY: b\r\n")) == lines{"error bare carriage return"});
  CHECK(told("GET / HTTP/1.1\rHost: a\r\n\r\n") == lines{"error bare carriage return"});
  CHECK(told(chunked("1\ra\r\n")) == lines{"POST /", "error malformed chunk"});
  CHECK(told(chunked("0\r\nX: a\rb\r\n\r\n")) == lines{"POST /", "error bare carriage return"});
}

TEST_CASE("RFC 9110 5.5: a field's value has no LF and no NUL, and no whitespace around it",
          "[9110-5.5a][9110-5.5b]") {
  CHECK(told(get_with("X: a\nb\r\n")) == lines{"error bare line feed"});
  CHECK(told(get_with({"X: a\0b\r\n", 8})) == lines{"error invalid field value"});
  fixture f;
  f.receive(get_with("X: \t a \t b\t \r\n"));
  CHECK(f.head->find("X")->value == "a \t b");
}

TEST_CASE("RFC 9112 2.2: whitespace before a request's first field is no way to hide it",
          "[9112-2.2g]") {
  CHECK(told("GET / HTTP/1.1\r\n Host: a\r\n\r\n") == lines{"error obsolete line folding"});
  CHECK(told("POST / HTTP/1.1\r\n\tTransfer-Encoding: chunked\r\nHost: a\r\n\r\n") ==
        lines{"error obsolete line folding"});
}

TEST_CASE("RFC 9112 2.2: no field leaves with whitespace before it, or in two lines",
          "[9112-2.2b][9112-2.2f][9112-5.2a][9110-2.2b]") {
  fixture f;
  f.receive(get);
  for (const http1::field& bad :
       {http1::field{" X", "a"}, http1::field{"\tX", "a"}, http1::field{"X", "a\r\n b"},
        http1::field{"X", "a\r\n\tb"}, http1::field{"X", "a\rb"}, http1::field{"X\r", "a"}}) {
    CHECK(f.server.respond(200, {bad}) == errc::invalid_argument);
    CHECK(f.server.start_response(200, {bad}) == errc::invalid_argument);
    CHECK(f.server.inform(103, {bad}) == errc::invalid_argument);
  }
  CHECK(f.server.respond(200, {}, {}, http1::lifetime::copied, "a\rb") == errc::invalid_argument);
  CHECK(f.server.start_response(200) == errc::ok);
  CHECK(f.server.finish({{"X", "a\r\n b"}}) == errc::invalid_argument);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST_CASE("RFC 9112 3: a target that is too long is told so", "[9112-3a][9110-5.4a]") {
  fixture f;
  CHECK(f.receive("GET /" + std::string(9'000, 'x')) == lines{"error start line too long"});
  CHECK(f.output().starts_with("HTTP/1.1 414 "));
}

TEST_CASE("RFC 9110 5.4: fields that are too large, or too many, are told so", "[9110-5.4a]") {
  fixture large;
  CHECK(large.receive(get_with("X: " + std::string(17'000, 'x') + "\r\n")) ==
        lines{"error head too large"});
  CHECK(large.output().starts_with("HTTP/1.1 431 "));
  fixture many;
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "A: b\r\n";
  CHECK(many.receive(get_with(fields)) == lines{"error too many fields"});
  CHECK(many.output().starts_with("HTTP/1.1 431 "));
}

TEST_CASE("RFC 9112 3.2: there is one Host, and it is one", "[9112-3.2d]") {
  for (const std::string head :
       {"GET / HTTP/1.1\r\n", "GET http://b/ HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n", "GET / HTTP/1.1\r\nHost: a/\r\n",
        "GET / HTTP/1.1\r\nHost: u@a\r\n", "GET / HTTP/1.1\r\nHost: a:x\r\n",
        "GET / HTTP/1.0\r\nHost: a, b\r\n"}) {
    INFO(head);
    CHECK(answered(head + "\r\n") == "400 |");
  }
  CHECK(answered("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == "200 ");
  CHECK(answered("GET / HTTP/1.1\r\nHost:\r\n\r\n") == "200 ");
}

TEST_CASE("RFC 9110 7.1: * is for OPTIONS, and a mere authority for CONNECT",
          "[9110-7.1a][9110-9.3.6b]") {
  CHECK(told("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") == lines{"OPTIONS *", "end"});
  CHECK(told("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n") == lines{"CONNECT a:1", "end"});
  for (const std::string line : {"GET *", "POST *", "GET a:1", "OPTIONS a:1", "CONNECT *",
                                 "CONNECT /", "CONNECT http://a:1/", "CONNECT a", "CONNECT a:",
                                 "CONNECT a:x", "CONNECT a:65536", "CONNECT :1", "CONNECT [::1]"}) {
    INFO(line);
    CHECK(answered(line + " HTTP/1.1\r\nHost: a\r\n\r\n") == "400 |");
  }
}

TEST_CASE("RFC 9112 5.1: a request's field has its colon behind its name", "[9112-5.1a]") {
  CHECK(told(get_with("X : a\r\n")) == lines{"error whitespace before colon"});
  CHECK(answered(get_with("X : a\r\n")) == "400 |");
  CHECK(answered(get_with("Content-Length\t: 1\r\n")) == "400 |");
}

TEST_CASE("RFC 9112 5.2: a request's folded line is refused", "[9112-5.2b]") {
  CHECK(told(get_with("X: a\r\n b\r\n")) == lines{"error obsolete line folding"});
  CHECK(answered(get_with("X: a\r\n b\r\n")) == "400 |");
  CHECK(answered(post("Transfer-Encoding:\r\n\tchunked\r\n")) == "400 |");
}

TEST_CASE("RFC 9110 5.3: nothing is told of a request before its whole head is there",
          "[9110-5.3c]") {
  const std::string head = get_with("X: a\r\n");
  fixture f;
  for (const char c : std::string_view(head).substr(0, head.size() - 1)) {
    CHECK(f.receive(std::string(1, c)).empty());
  }
  CHECK(f.receive("\n") == lines{"GET /", "end"});
}

TEST_CASE("RFC 9110 9.1: GET and HEAD are told, and so is any method that is registered",
          "[9110-9.1a]") {
  for (const std::string method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"}) {
    INFO(method);
    CHECK(told(method + " / HTTP/1.1\r\nHost: a\r\n\r\n") == lines{method + " /", "end"});
  }
}

TEST_CASE("RFC 9112 6.1: chunks are decoded, and named once", "[9112-6.1a][9112-7.1a][9112-6.3c]") {
  CHECK(told(chunked("1\r\nh\r\nA\r\n0123456789\r\n0\r\n\r\n")) ==
        lines{"POST /", "body h", "body 0123456789", "end"});
  for (const std::string value : {"chunked, gzip", "gzip", "identity", "chunked, chunked", "",
                                  "xchunked", "chunked;q=1", "chunked\r\nTransfer-Encoding: x"}) {
    INFO(value);
    CHECK(answered(post("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n")) == "400 |");
  }
}

TEST_CASE("RFC 9112 6.1: a request with codings and a length ends the connection", "[9112-6.1i]") {
  for (const std::string fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                                   "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"}) {
    CHECK(answered(post(fields, "0\r\n\r\n" + std::string(get))) == "400 |");
  }
}

TEST_CASE("RFC 9112 6.1: codings in a request of HTTP/1.0 are faulty framing", "[9112-6.1j]") {
  const std::string head = "POST / HTTP/1.0\r\nConnection: keep-alive\r\n";
  CHECK(told(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
        lines{"error chunked in HTTP/1.0"});
  for (const std::string fields :
       {"Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"}) {
    CHECK(answered(head + fields + "\r\n0\r\n\r\n" + std::string(get)) == "400 |");
  }
}

TEST_CASE("RFC 9112 6.3: an invalid length is the end of the connection",
          "[9112-6.3d][9112-6.3e]") {
  for (const std::string value : {"1, 2", "1 1", "1;", "", "one", "0x1", "1.0", "-1", "+1", "\xb2",
                                  "1\r\nContent-Length: 2"}) {
    INFO(value);
    CHECK(answered(post("Content-Length: " + value + "\r\n", "x" + std::string(get))) == "400 |");
  }
}

TEST_CASE("RFC 9112 6.3: fewer bytes than the length are no request", "[9112-6.3h]") {
  fixture f;
  CHECK(f.receive(post("Content-Length: 3\r\n", "hi")) == lines{"POST /", "body hi"});
  CHECK(f.eof() == lines{"error truncated body"});
  CHECK(f.server.ending() == ending::close);
  fixture late;
  late.at(0);
  late.receive(post("Content-Length: 3\r\n", "hi"));
  CHECK(late.at(30'000) == lines{"error body timeout"});
  CHECK(late.output().ends_with('|'));
}

TEST_CASE("RFC 9112 7.1: numbers that don't fit are no smaller ones", "[9112-7.1b][9110-8.6e]") {
  http1::limits l;
  l.body_bytes_max = UINT64_MAX;
  const auto told_by = [&](const std::string& bytes) { return fixture(l).receive(bytes); };
  CHECK(told_by(post("Content-Length: 18446744073709551615\r\n", "x")) ==
        lines{"POST /", "body x"});
  CHECK(told_by(post("Content-Length: 18446744073709551616\r\n", "x")) ==
        lines{"error invalid content length"});
  CHECK(told_by(post("Content-Length: 18446744073709551621\r\n", "hello")) ==
        lines{"error invalid content length"});
  CHECK(told_by(chunked("FFFFFFFFFFFFFFFF\r\nx")) == lines{"POST /", "body x"});
  CHECK(told_by(chunked("10000000000000001\r\nx\r\n")) ==
        lines{"POST /", "error invalid chunk size"});
  CHECK(told_by(chunked("1\r\nx\r\nFFFFFFFFFFFFFFFF\r\n")).back() == "error content too large");
}

TEST_CASE("RFC 9112 7.1.1: a request's chunk extensions that nobody knows are ignored",
          "[9112-7.1.1a]") {
  CHECK(told(chunked("2;a;b=c;d=\"e;\\\"f\"\r\nhi\r\n0;z\r\n\r\n")) ==
        lines{"POST /", "body hi", "end"});
}

TEST_CASE("RFC 9110 5.6.3: whitespace in a request's chunk extension isn't read around",
          "[9110-5.6.3b]") {
  for (const std::string size : {"1 ", "1 ;a", "1; a", "1;a =b", "1;a= b", "1;a=b "}) {
    INFO(size);
    CHECK(told(chunked(size + "\r\nx\r\n0\r\n\r\n")).size() == 2);
    CHECK(answered(chunked(size + "\r\nx\r\n0\r\n\r\n")) == "400 |");
  }
}

TEST_CASE("RFC 9112 7.1.2: a request's trailers are told apart from its head's fields",
          "[9112-7.1.2a][9112-7.1.2b][9110-6.5.1b]") {
  fixture f;
  f.react = [&](const http1::server_event& e) {
    if (!std::holds_alternative<http1::request_end>(e)) return;
    CHECK(f.head->fields.size() == 2);
    CHECK(f.head->find("X") == nullptr);
  };
  CHECK(f.receive(chunked("0\r\nX: y\r\nAuthorization: evil\r\n\r\n")) ==
        lines{"POST /", "trailers X=y", "end"});
}

TEST_CASE("RFC 9112 9.3: persistence is by version and Connection, of both sides",
          "[9112-9.6b][9112-9.6c][9112-9.6d][9112-9.6e]") {
  const std::string next(get);
  const auto with = [](std::string_view version, std::string_view option) {
    return "GET / HTTP/" + std::string(version) +
           "\r\nHost: a\r\nConnection: " + std::string(option) + "\r\n\r\n";
  };
  CHECK(answered(next + next) == "200 200 ");
  CHECK(answered(with("1.1", "close") + next) == "200 |");
  CHECK(answered(with("1.1", "x, CLOSE") + next) == "200 |");
  CHECK(answered(with("1.1", "keep-alive, close") + next) == "200 |");
  CHECK(answered(with("1.0", "x") + next) == "200 |");
  CHECK(answered(with("1.0", "keep-alive") + next) == "200 200 ");
  CHECK(answered(with("1.0", "keep-alive, close") + next) == "200 |");
  // What we said ourselves binds us as well.
  CHECK(answered(next + next, {{"Connection", "close"}}) == "200 |");
}

TEST_CASE("RFC 9110 5.6.1: empty elements of a request's lists are skipped",
          "[9110-5.6.1.2a][9110-5.6.1.2b]") {
  CHECK(answered(get_with("Connection: , ,\t,close,,\r\n") + std::string(get)) == "200 |");
  const std::string body = "1\r\na\r\n0\r\n\r\n";
  CHECK(told(post("Transfer-Encoding: ,, chunked\r\n", body)) == lines{"POST /", "body a", "end"});
  // Some that forward a request would take this for no chunked at the end.
  CHECK(told(post("Transfer-Encoding: chunked,\r\n", body)) ==
        lines{"error invalid transfer encoding"});
}

TEST_CASE("RFC 9112 9.3.2: pipelined requests are answered in their order", "[9112-9.3.2a]") {
  fixture f;
  int answers = 0;
  f.react = [&](const http1::server_event& e) {
    if (!std::holds_alternative<http1::request_end>(e)) return;
    const std::string body = std::string(f.head->target) + std::to_string(++answers);
    CHECK(f.server.respond(200, {}, text_bytes(body)) == errc::ok);
  };
  f.receive(
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\n"
      "Content-Length: 1\r\n\r\nxGET /c HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string output = f.output();
  CHECK(answers == 3);
  CHECK(output.find("/a1") < output.find("/b2"));
  CHECK(output.find("/b2") < output.find("/c3"));
  CHECK(output.ends_with("/c3"));
}

TEST_CASE("RFC 9110 6.6.1: every response has a Date, if the time is known", "[9110-6.6.1a]") {
  const auto dated = [](std::string_view bytes, unsigned status) {
    fixture f;
    f.at(0);
    f.react = [&](const http1::server_event& e) {
      if (std::holds_alternative<http1::request_end>(e))
        CHECK(f.server.respond(status) == errc::ok);
    };
    f.receive(bytes);
    const std::string output = f.output();
    const std::size_t date = output.find("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    return date != output.npos && output.find("Date: ", date + 8) == output.npos;
  };
  for (const unsigned status : {200U, 204U, 205U, 301U, 304U, 404U}) {
    INFO(status);
    CHECK(dated(get, status));
  }
  // The machine's own answers, too.
  CHECK(dated("GET / HTTP/1.1\r\n\r\n", 200));
  CHECK(dated("GET /" + std::string(9'000, 'x'), 200));
  CHECK(dated(post("Content-Length: 2000000\r\n"), 200));
}

TEST_CASE("RFC 9110 8.6: no length, and no coding, where there is no content",
          "[9110-8.6c][9112-6.1e]") {
  for (const bool streamed : {false, true}) {
    fixture f;
    f.receive(get);
    const http1::field zero{"Content-Length", "0"};
    CHECK(f.server.inform(103, {zero}) == errc::invalid_argument);
    CHECK(f.server.inform(103, {{"Transfer-Encoding", "chunked"}}) == errc::invalid_argument);
    CHECK(f.server.inform(103, {{"Link", "</x>"}}) == errc::ok);
    if (streamed) {
      CHECK(f.server.start_response(204, {zero}) == errc::ok);
      CHECK(f.server.finish() == errc::ok);
    } else {
      CHECK(f.server.respond(204, {zero}) == errc::ok);
    }
    CHECK(f.output() ==
          "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  }
}

TEST_CASE("RFC 9110 15.2: HTTP/1.0 gets no 1xx, whatever it expects",
          "[9110-15.2a][9110-10.1.1c]") {
  fixture f;
  CHECK(f.receive("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n") ==
        lines{"POST /"});
  CHECK(!f.head->expects_continue);
  CHECK(f.server.inform(103) == errc::operation_not_supported);
  CHECK(f.server.send_continue() != errc::ok);
  CHECK(f.output().empty());
  CHECK(f.receive("x") == lines{"body x", "end"});
  CHECK(f.output().empty());
}

TEST_CASE("RFC 9112 6.2: a response has a length or chunks, not both",
          "[9112-6.2a][9112-6.1b]"
          "[9112-6.1d]") {
  fixture f;
  f.receive(get);
  CHECK(f.server.start_response(200, {{"Transfer-Encoding", "chunked"}}) == errc::invalid_argument);
  CHECK(f.server.start_response(200, {{"Transfer-Encoding", "gzip"}}) == errc::invalid_argument);
  CHECK(f.server.start_response(200, {{"transfer-encoding", "x"}, {"Content-Length", "1"}}) ==
        errc::invalid_argument);
  CHECK(f.server.start_response(200, {{"Content-Length", "1"}}) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
  fixture g;
  g.receive(get);
  CHECK(g.server.start_response(200) == errc::ok);
  CHECK(g.output() == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}
