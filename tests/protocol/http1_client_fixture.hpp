// A client machine and its driver in one hand: wishes and bytes in, events out as text.
#pragma once

#include <drywire/protocol/http1_client.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace http1_client_test {

using namespace drywire;
using http1::lifetime;
using lines = std::vector<std::string>;

struct fixture {
  explicit fixture(const http1::client_limits& l = {},
                   std::size_t block = http1::client::block_bytes)
      : memory(block), client(memory, l) {}

  /// Wishes for a request without a body, and lets it leave.
  void ask(std::string_view method = "GET", http1::field_list more = {}) {
    std::vector<http1::field> fields{{"Host", "a"}};
    fields.insert(fields.end(), more.begin(), more.end());
    const std::string_view target = method == "CONNECT" ? "a:1" : "/";
    if (method == "CONNECT") fields.erase(fields.begin());
    REQUIRE(client.send_request(method, target, fields) == errc::ok);
    output();
  }

  /// Offers what was kept and `bytes`; the events in short: one word, and what matters of them.
  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    lent = kept;
    lines told;
    auto cursor = client.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) {
      told.push_back(brief(*event));
      if (react) react(*event);
    }
    kept.assign(as_text(cursor.remaining()));
    CHECK(cursor.consumed() + kept.size() == lent.size());
    REQUIRE(client.retain_output() == errc::ok);
    std::fill(lent.begin(), lent.end(), '\xDD');
    return told;
  }

  lines eof(bool clean = true) {
    client.receive_eof(clean);
    return receive();
  }

  /// `milliseconds` after the zero of the clock.
  lines at(std::int64_t ms) {
    client.advance({instant{} + milliseconds(ms), ms / 1000});
    return receive();
  }

  /// All output; "|" stands for the fin.
  std::string output(std::size_t portion = 1000) {
    std::string all;
    while (true) {
      const output_view view = client.output(portion);
      if (view.empty()) return all;
      for (const const_bytes piece : view.pieces) {
        CHECK(!piece.empty());
        all += as_text(piece);
      }
      if (view.fin) all += '|';
      client.consume_output(view.size());
    }
  }

  /// The first n bytes of the output.
  void consume(std::size_t n) {
    REQUIRE(client.output(n).size() >= n);
    client.consume_output(n);
  }

  static std::string with_fields(std::string all, std::span<const http1::field> fields) {
    for (const http1::field& f : fields) {
      all += ' ' + std::string(f.name) + '=' + std::string(f.value);
    }
    return all;
  }

  std::string brief(const http1::client_event& event) {
    if (const auto* i = std::get_if<http1::informational>(&event)) {
      return with_fields(std::to_string(i->head->status), i->head->fields);
    }
    if (const auto* r = std::get_if<http1::response>(&event)) {
      head = r->head;
      return "response " + std::to_string(r->head->status);
    }
    if (const auto* b = std::get_if<http1::body>(&event)) {
      return "body " + std::string(as_text(b->bytes));
    }
    if (const auto* t = std::get_if<http1::trailers>(&event)) {
      return with_fields("trailers", t->fields);
    }
    if (const auto* e = std::get_if<http1::response_end>(&event)) {
      return e->reusable ? "end" : "end of all";
    }
    if (const auto* o = std::get_if<http1::exchange_over>(&event)) {
      return "over " + std::to_string(o->exchange);
    }
    if (std::holds_alternative<http1::output_low>(event)) return "low";
    if (const auto* s = std::get_if<http1::switched>(&event)) {
      return with_fields("switched " + std::to_string(s->head->status), s->head->fields);
    }
    if (std::holds_alternative<http1::peer_closed>(event)) return "closed";
    if (const auto* e = std::get_if<http1::peer_error>(&event)) {
      return "error " + std::string(to_string(e->what));
    }
    return "transport failed";
  }

  testkit::heap_storage memory;
  http1::client client;
  std::function<void(const http1::client_event&)> react;
  const http1::response_head* head = nullptr;
  std::string kept;
  std::string lent;
};

inline constexpr http1::field host{"Host", "a"};

inline errc send_request(fixture& f, std::string_view method, std::string_view target,
                         http1::field_list fields, std::string_view body = {},
                         lifetime life = lifetime::copied) {
  return f.client.send_request(method, target, fields, text_bytes(body), life);
}

// A refused wish leaves nothing behind, so one machine takes them all.
struct refusing : fixture {
  bool refuses(std::string_view method, std::string_view target, http1::field_list fields,
               std::string_view body = {}) {
    const errc whole = send_request(*this, method, target, fields, body);
    const bool untouched = client.queued() == 0 && client.outstanding() == 0;
    return whole == errc::invalid_argument && untouched && memory.in_use() == 0;
  }
  bool refuses_field(std::string_view name, std::string_view value) {
    const bool whole = refuses("POST", "/", {{"Host", "a"}, {name, value}}, "body");
    const bool started =
        client.start_request("POST", "/", {{"Host", "a"}, {name, value}}) == errc::invalid_argument;
    return whole && started && client.queued() == 0;
  }
};

// Gives numbers of bytes as it was told to, all of them 'x'.
struct scripted_source final : http1::body_source {
  using enum state;
  struct turn {
    std::size_t size;
    state then;
  };
  explicit scripted_source(std::vector<turn> t) : turns(std::move(t)) {}

  result pull(mutable_bytes to) noexcept override {
    ++pulls;
    if (at == turns.size()) return {0, end};
    const turn t = turns[at++];
    const std::size_t size = std::min(t.size, to.size());
    std::fill_n(to.begin(), size, std::byte{'x'});
    return {size, t.then};
  }

  std::vector<turn> turns;
  std::size_t at = 0;
  std::size_t pulls = 0;
};

inline constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// A response of HTTP/1.1 with these field lines, and what is behind its head.
inline std::string answer(std::string_view status, std::string_view fields = {},
                          std::string_view body = {}) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

}  // namespace http1_client_test
