// A server's machine in the hand of its driver.
#pragma once

#include "http1_driver.hpp"

#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/trace.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace http1_test {

struct fixture : driver<fixture, http1::server> {
  explicit fixture(const http1::limits& l = {}, std::size_t block = http1::server::block_bytes)
      : driver(block, l) {}

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
      return with_fields("trailers", t->fields);
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

  http1::server& server = machine;
  const http1::request_head* head = nullptr;
  std::string body;
};

inline constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace http1_test
