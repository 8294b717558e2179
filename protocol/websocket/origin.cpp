#include "../http1_grammar.hpp"
#include "handshake_grammar.hpp"

#include <drywire/protocol/http_uri.hpp>
#include <drywire/websocket/handshake.hpp>

#include <algorithm>

namespace drywire::websocket {

namespace {

using http1::equal_ignoring_case;

struct host_and_port {
  std::string_view host;
  std::uint64_t port = 0;
};

// Of a head's host, which has been checked.
host_and_port split(std::string_view authority, std::uint16_t default_port) noexcept {
  const std::size_t name_end = authority.starts_with('[') ? authority.find(']') : 0;
  const std::size_t colon = authority.find(':', name_end);
  const std::string_view host = http1::grammar::first(authority, colon);
  if (colon == authority.npos || colon + 1 == authority.size()) return {host, default_port};
  return {host,
          http1::grammar::parse_decimal(http1::grammar::behind(authority, colon + 1)).value_or(0)};
}

// scheme "://" host [ ":" port ], RFC 6454 6.2.
bool is_host_of(std::string_view origin, std::string_view authority) noexcept {
  const auto parsed = http::parse_uri(origin);
  if (!parsed || parsed->scheme == http::uri_scheme::other) return false;
  if (!parsed->path.empty() || !parsed->query.empty() || origin.find('#') != origin.npos) {
    return false;
  }
  const host_and_port ours = split(authority, http::default_port(parsed->scheme));
  return equal_ignoring_case(parsed->host, ours.host) && parsed->port == ours.port;
}

}  // namespace

bool origin_allowed(const http1::request_head& head,
                    std::span<const std::string_view> allowed) noexcept {
  const auto origin = only_value(head.fields, "Origin");
  if (!origin) return count_fields(head.fields, "Origin") == 0;
  return is_host_of(*origin, head.host) || std::ranges::any_of(allowed, [&](std::string_view one) {
           return equal_ignoring_case(one, *origin);
         });
}

}  // namespace drywire::websocket
