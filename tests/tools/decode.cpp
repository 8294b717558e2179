#include "decode.hpp"

#include "failure.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace drywire::tools;

// A FILE in memory.
class memory_file {
 public:
  memory_file() : file_(::open_memstream(&text_, &size_)) {}
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  ~memory_file() {
    std::fclose(file_);
    std::free(text_);
  }
  [[nodiscard]] std::FILE* get() const { return file_; }
  [[nodiscard]] std::string text() const {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

struct decoded {
  int status;
  std::string out;
  std::string errors;
};

decoded decode(std::string bytes, bool json = false, messages kind = messages::requests) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(
      bytes.empty() ? std::fopen("/dev/null", "rb") : ::fmemopen(bytes.data(), bytes.size(), "rb"),
      &std::fclose);
  memory_file out, errors;
  const int status = decode_http1(in.get(), "bytes", kind, json, out.get(), errors.get());
  return {status, out.text(), errors.text()};
}

TEST_CASE("requests become one line for each event") {
  const auto d = decode(
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /b HTTP/1.0\r\nContent-Length: 3\r\n\r\na\"\x80");
  CHECK(d.out ==
        "request method=\"GET\" target=\"/a\" version=\"HTTP/1.1\" Host=\"h\"\n"
        "request end\n"
        "request method=\"POST\" target=\"/b\" version=\"HTTP/1.0\" Content-Length=\"3\"\n"
        "body \"a\\\"\\x80\"\n"
        "request end\n");
  CHECK(d.errors.empty());
  CHECK(d.status == 0);
}

TEST_CASE("as JSON") {
  const auto d = decode("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\na\"\x80\n", true);
  CHECK(d.out == R"({"event":"request","details":[["method","POST"],["target","/b"],)"
                 R"(["version","HTTP/1.1"],["Host","h"],["Content-Length","4"]]})"
                 "\n"
                 R"({"event":"body","bytes":"a\"\u0080\n"})"
                 "\n"
                 R"({"event":"request end"})"
                 "\n");
}

TEST_CASE("a chunked body is one line, with its trailers behind it") {
  const auto d = decode(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n");
  CHECK(d.out.ends_with("\nbody \"abcde\"\ntrailers X=\"y\"\nrequest end\n"));
}

TEST_CASE("a body longer than any limit and any block") {
  const std::string body(5'000'000, 'x');
  const auto d = decode("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" + body);
  CHECK(d.out.ends_with("\nbody \"" + body + "\"\nrequest end\n"));
}

TEST_CASE("a peer error is named, with its offset and status 1") {
  const auto d = decode("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\nHost: h\r\n\r\n");
  CHECK(d.status == 1);
  CHECK(d.out.ends_with("request end\npeer error what=\"bare line feed\"\n"));
  CHECK(d.errors == "bytes:42: bare line feed (RFC 9112 2.2)\n");
}

TEST_CASE("a truncated head is a peer error at the end") {
  const auto d = decode("GET / HTTP/1.1\r\nHo");
  CHECK(d.status == 1);
  CHECK(d.errors == "bytes:18: truncated head (RFC 9112 8)\n");
}

TEST_CASE("what follows the last request of a connection is counted, not read") {
  const auto d = decode("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\njunk");
  CHECK(d.status == 0);
  CHECK(d.out.ends_with("request end\nnot read bytes=\"4\"\n"));
}

TEST_CASE("what another protocol says behind a switch is counted, not read") {
  const auto tunnel = decode("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n\x16\x03\x01");
  CHECK(tunnel.status == 0);
  CHECK(tunnel.out.ends_with("request end\nswitched method=\"CONNECT\"\nnot read bytes=\"3\"\n"));
  const std::string asking = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: ";
  const auto upgraded = decode(asking + "a/1, b\r\n\r\nframes");
  CHECK(upgraded.status == 0);
  CHECK(upgraded.out.ends_with("switched method=\"GET\"\nnot read bytes=\"6\"\n"));
}

TEST_CASE("an upgrade to h2c, or to what is no protocol, is read on as HTTP/1.1") {
  for (const std::string protocol : {"h2c", "a b"}) {
    const auto d =
        decode("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: " + protocol +
               "\r\n\r\nGET / HTTP/1.0\r\n\r\n");
    CHECK(d.status == 0);
    CHECK(d.out.ends_with("version=\"HTTP/1.0\"\nrequest end\n"));
  }
}

TEST_CASE("a 101 is a switch") {
  const auto d = decode("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nframes", false,
                        messages::responses);
  CHECK(d.status == 0);
  CHECK(d.out.starts_with("switched status=\"101\""));
  CHECK(d.out.ends_with("not read bytes=\"6\"\n"));
}

TEST_CASE("no bytes, no events") {
  const auto d = decode("");
  CHECK(d.out.empty());
  CHECK(d.status == 0);
}

decoded decode_responses(std::string bytes) {
  return decode(std::move(bytes), false, messages::responses);
}

TEST_CASE("responses become one line for each event, too") {
  const auto d = decode_responses(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
      "HTTP/1.0 404 No\r\n\r\nuntil the end");
  CHECK(d.out ==
        "informational status=\"103\" reason=\"Early Hints\" version=\"HTTP/1.1\" Link=\"</a>\"\n"
        "response status=\"200\" reason=\"OK\" version=\"HTTP/1.1\" Content-Length=\"2\"\n"
        "body \"hi\"\n"
        "response end connection=\"goes on\"\n"
        "response status=\"404\" reason=\"No\" version=\"HTTP/1.0\"\n"
        "body \"until the end\"\n"
        "response end connection=\"ends\"\n");
  CHECK(d.errors.empty());
  CHECK(d.status == 0);
}

TEST_CASE("a response's fault has its offset, and what isn't read its length") {
  const auto bad = decode_responses(
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nX : y\r\n\r\n");
  CHECK(bad.status == 1);
  CHECK(bad.errors == "bytes:56: whitespace before colon (RFC 9112 5.1)\n");
  const auto closed =
      decode_responses("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\njunk");
  CHECK(closed.status == 0);
  CHECK(closed.out.ends_with("response end connection=\"ends\"\nnot read bytes=\"4\"\n"));
  const auto none = decode_responses("");
  CHECK(none.out == "peer closed\n");
  CHECK(none.status == 0);
}

TEST_CASE("a folder can't be read") {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen("/", "rb"), &std::fclose);
  REQUIRE(in);
  CHECK_THROWS_AS(decode_http1(in.get(), "/", messages::requests, false, stdout, stderr), failure);
}

}  // namespace
