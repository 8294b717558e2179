// Where a head lies that isn't complete: in a small block, until that is too small.
#include "http1_fixture.hpp"

#include <string>

using namespace http1_test;

namespace {

constexpr std::size_t small = http1::server::beginning_bytes;

struct two_sizes {
  explicit two_sizes(std::size_t beginning = small) : beginnings(beginning) {}

  lines receive(std::string_view bytes) {
    lent = bytes;
    lines told;
    auto cursor = server.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) {
      if (const auto* r = std::get_if<http1::request>(&*event)) head = r->head;
      if (const auto* t = std::get_if<http1::trailers>(&*event)) {
        for (const http1::field& f : t->fields) trailers += std::string(f.name) + '=';
      }
      if (const auto* e = std::get_if<http1::peer_error>(&*event)) {
        told.emplace_back(to_string(e->what));
      }
    }
    CHECK(server.retain_output() == errc::ok);
    std::fill(lent.begin(), lent.end(), '\xDD');
    return told;
  }

  testkit::heap_storage memory{http1::server::block_bytes};
  testkit::heap_storage beginnings;
  http1::server server{memory, beginnings};
  const http1::request_head* head = nullptr;
  std::string trailers;
  std::string lent;
};

std::string field_lines(int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
  return all;
}

}  // namespace

TEST_CASE("a short head needs no full block") {
  two_sizes t;
  t.receive("G");
  CHECK(t.beginnings.in_use() == 1);
  t.receive("ET / HTTP/1.1\r\nHost: a\r\n" + field_lines(20) + "\r\n");
  REQUIRE(t.head != nullptr);
  CHECK(t.head->fields.size() == 21);
  CHECK(t.beginnings.in_use() == 1);
  CHECK(t.memory.requests() == 0);
  CHECK(t.server.respond(200) == errc::ok);
  t.receive({});
  CHECK(t.beginnings.in_use() == 0);
}

TEST_CASE("a head that is long in bytes or in fields moves, and means the same") {
  for (const std::size_t cut : {1U, 7U, 1000U, 20'000U}) {
    CAPTURE(cut);
    for (const int fields : {5, 99}) {
      two_sizes t;
      std::string rest = "GET /long HTTP/1.1\r\nHost: a\r\n" + field_lines(fields - 1) +
                         "Last: " + std::string(4000, 'x') + "\r\n\r\n";
      for (; !rest.empty(); rest.erase(0, cut)) t.receive(rest.substr(0, cut));
      REQUIRE(t.head != nullptr);
      CHECK(t.head->target == "/long");
      CHECK(t.head->host == "a");
      REQUIRE(t.head->fields.size() == static_cast<std::size_t>(fields) + 1);
      for (int i = 0; i < fields - 1; ++i) {
        const http1::field& f = t.head->fields[static_cast<std::size_t>(i) + 1];
        CHECK(f.name == "X-" + std::to_string(i));
        CHECK(f.value == std::to_string(i));
      }
      CHECK(t.head->fields.back().value == std::string(4000, 'x'));
      CHECK(t.beginnings.in_use() == 0);
      CHECK(t.memory.in_use() == 1);
    }
  }
}

TEST_CASE("a head with a chunked body moves before it is told of, since trailers may follow") {
  two_sizes t;
  t.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  REQUIRE(t.head != nullptr);
  CHECK(t.memory.in_use() == 1);
  CHECK(t.beginnings.in_use() == 0);
  const auto* first = t.head->fields.data();
  t.receive("0\r\nA: " + std::string(2000, 'a') + "\r\nTrailer: no\r\nB: b\r\n\r\n");
  CHECK(t.trailers == "A=B=");
  CHECK(t.head->fields.data() == first);
  CHECK(t.head->fields[1].value == "chunked");
}

TEST_CASE("a head that can't move is refused, and one that needn't isn't") {
  two_sizes t;
  t.memory.cap(0);
  CHECK(t.receive("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(small, 'x')) ==
        lines{"no memory"});
  CHECK(t.server.output(1000).pieces[0].size() > 0);

  two_sizes chunked;
  chunked.memory.cap(0);
  CHECK(chunked.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        lines{"no memory"});

  two_sizes brief;
  brief.memory.cap(0);
  CHECK(brief.receive(get).empty());
  CHECK(brief.head != nullptr);
}

TEST_CASE("the least block will do for a beginning") {
  two_sizes t(http1::server::block_bytes_min);
  for (const char c : std::string(get)) t.receive({&c, 1});
  CHECK(t.head != nullptr);
  CHECK(t.beginnings.in_use() == 1);
}
