// A client's machine in the hand of its driver.
#pragma once

#include "http1_driver.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace http1_client_test {

using namespace drywire;
using http1::lifetime;
using http1_test::lines;
using http1_test::scripted_source;
using http1_test::with_fields;

struct fixture : http1_test::driver<fixture, http1::client> {
  explicit fixture(const http1::client_limits& l = {},
                   std::size_t block = http1::client::block_bytes)
      : driver(block, l) {}

  /// Wishes for a request without a body, and lets it leave.
  void ask(std::string_view method = "GET", http1::field_list more = {}) {
    std::vector<http1::field> fields{{"Host", "a"}};
    fields.insert(fields.end(), more.begin(), more.end());
    const std::string_view target = method == "CONNECT" ? "a:1" : "/";
    if (method == "CONNECT") fields.erase(fields.begin());
    REQUIRE(client.send_request(method, target, fields) == errc::ok);
    output();
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

  http1::client& client = machine;
  const http1::response_head* head = nullptr;
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

inline constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// A response of HTTP/1.1 with these field lines, and what is behind its head.
inline std::string answer(std::string_view status, std::string_view fields = {},
                          std::string_view body = {}) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

}  // namespace http1_client_test
