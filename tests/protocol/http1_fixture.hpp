// A server machine and its driver in one hand: bytes in as text, events out as text.
#pragma once

#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/testkit/trace.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace http1_test {

using namespace drywire;
using lines = std::vector<std::string>;

inline constexpr std::int64_t start_unix_seconds = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT

struct fixture {
  explicit fixture(const http1::limits& l = {}, std::size_t block = http1::server::block_bytes)
      : memory(block), server(memory, l) {}

  /// Offers what was kept and `bytes`; the events in short: one word, and what matters of them.
  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    lent = kept;
    lines told;
    auto cursor = server.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) {
      told.push_back(brief(*event));
      if (react) react(*event);
    }
    kept.assign(as_text(cursor.remaining()));
    CHECK(cursor.consumed() + kept.size() == lent.size());
    REQUIRE(server.retain_output() == errc::ok);
    std::fill(lent.begin(), lent.end(), '\xDD');
    return told;
  }

  lines eof(bool clean = true) {
    server.receive_eof(clean);
    return receive();
  }

  /// `milliseconds` after the zero of the clock.
  lines at(std::int64_t ms) {
    server.advance({instant{} + milliseconds(ms), start_unix_seconds + ms / 1000});
    return receive();
  }

  /// All output; "|" stands for the fin.
  std::string output(std::size_t portion = 1000) {
    std::string all;
    while (true) {
      const output_view view = server.output(portion);
      if (view.empty()) return all;
      for (const const_bytes piece : view.pieces) {
        CHECK(!piece.empty());
        all += as_text(piece);
      }
      if (view.fin) all += '|';
      server.consume_output(view.size());
    }
  }

  /// The first n bytes of the output leave.
  void consume(std::size_t n) {
    REQUIRE(server.output(1 << 30).size() >= n);
    server.consume_output(n);
  }

  std::string brief(const http1::server_event& event) {
    if (const auto* r = std::get_if<http1::request>(&event)) {
      head = r->head;
      return std::string(r->head->method) + ' ' + std::string(r->head->target);
    }
    if (const auto* b = std::get_if<http1::body>(&event)) {
      body += as_text(b->bytes);
      return "body " + std::string(as_text(b->bytes));
    }
    if (const auto* t = std::get_if<http1::trailers>(&event)) {
      std::string all = "trailers";
      for (const http1::field& f : t->fields) {
        all += ' ' + std::string(f.name) + '=' + std::string(f.value);
      }
      return all;
    }
    if (std::holds_alternative<http1::request_end>(event)) return "end";
    if (const auto* o = std::get_if<http1::exchange_over>(&event)) {
      return "over " + std::to_string(o->exchange);
    }
    if (std::holds_alternative<http1::output_low>(event)) return "low";
    if (const auto* s = std::get_if<http1::server_switched>(&event)) {
      return "switched " + std::string(s->head->method);
    }
    if (const auto* e = std::get_if<http1::peer_error>(&event)) {
      return "error " + std::string(to_string(e->what));
    }
    return "transport failed";
  }

  testkit::heap_storage memory;
  http1::server server;
  std::function<void(const http1::server_event&)> react;
  const http1::request_head* head = nullptr;
  std::string body;
  std::string kept;
  std::string lent;
};

inline constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace http1_test
