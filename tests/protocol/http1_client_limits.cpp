// The limits of a client, to the byte: what just fits is read, one byte or field more is a fault.
#include "http1_client_fixture.hpp"

using namespace http1_client_test;

namespace {

std::string last_told(const http1::client_limits& l, const std::string& bytes) {
  fixture f(l);
  f.ask();
  return f.receive(bytes).back();
}

// The same, byte by byte.
std::string last_told_slowly(const http1::client_limits& l, const std::string& bytes) {
  fixture f(l);
  f.ask();
  std::string last;
  for (const char c : bytes) {
    const lines told = f.receive({&c, 1});
    if (!told.empty()) last = told.back();
  }
  return last;
}

void check(const http1::client_limits& l, const std::string& fits, const std::string& exceeds,
           std::string_view fault) {
  CHECK(last_told(l, fits) == "over 1");
  CHECK(last_told_slowly(l, fits) == "over 1");
  CHECK(last_told(l, exceeds) == "error " + std::string(fault));
  CHECK(last_told_slowly(l, exceeds) == "error " + std::string(fault));
}

// A head of n bytes, for a body of none.
std::string head_of(std::size_t n) {
  const std::string empty = answer("200 OK", "Content-Length: 0\r\nX: \r\n");
  return answer("200 OK", "Content-Length: 0\r\nX: " + std::string(n - empty.size(), 'x') + "\r\n");
}

std::string status_line_of(std::size_t n) {
  return "HTTP/1.1 200 " + std::string(n - 15, 'x') + "\r\nContent-Length: 0\r\n\r\n";
}

std::string fields_of(std::size_t head, std::size_t behind) {
  std::string fields = "Transfer-Encoding: chunked\r\n";
  for (std::size_t i = 1; i < head; ++i) fields += "A: b\r\n";
  std::string body = "0\r\n";
  for (std::size_t i = 0; i < behind; ++i) body += "C: d\r\n";
  return answer("200 OK", fields, body + "\r\n");
}

// Trailers of n bytes.
std::string trailers_of(std::size_t n) {
  return answer("200 OK", "Transfer-Encoding: chunked\r\n",
                "0\r\nX: " + std::string(n - 5, 'x') + "\r\n\r\n");
}

}  // namespace

TEST_CASE("a response's head and its first line are counted to the byte") {
  http1::client_limits l;
  l.head_bytes_max = 200;
  check(l, head_of(200), head_of(201), "head too large");
  l.start_line_bytes_max = 50;
  check(l, status_line_of(50), status_line_of(51), "start line too long");
}

TEST_CASE("a response's fields are counted, those behind its body with them") {
  http1::client_limits l;
  l.fields_max = 5;
  check(l, fields_of(5, 0), fields_of(6, 0), "too many fields");
  check(l, fields_of(3, 2), fields_of(3, 3), "trailers too large");
}

TEST_CASE("a response's trailers are counted to the byte") {
  http1::client_limits l;
  l.trailer_bytes_max = 50;
  check(l, trailers_of(50), trailers_of(51), "trailers too large");
}

TEST_CASE("the default limits fit the default block, all of them at once") {
  const http1::client_limits l;
  fixture f;
  f.ask();
  std::string fields = "Transfer-Encoding: chunked\r\n";
  for (int i = 0; i < 98; ++i) fields += "A: b\r\n";
  const std::string empty = answer("200 OK", fields + "X: \r\n");
  fields += "X: " + std::string(l.head_bytes_max - empty.size(), 'x') + "\r\n";
  const std::string all = answer("200 OK", fields, "0\r\n");
  CHECK(all.size() == l.head_bytes_max + 3);
  CHECK(f.receive(all) == lines{"response 200"});
  CHECK(f.head->fields.size() == 100);
  CHECK(f.receive("\r\n") == lines{"end", "over 1"});
}
