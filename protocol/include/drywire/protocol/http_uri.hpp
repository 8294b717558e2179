// URIs of the schemes http and https, RFC 9110 4.2, ws and wss, RFC 6455 3, and references to them,
// RFC 3986 5.2. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace drywire::http {

enum class uri_scheme : std::uint8_t { http, https, ws, wss, other };

/// Whether it means TLS.
[[nodiscard]] constexpr bool is_secure(uri_scheme scheme) noexcept {
  return scheme == uri_scheme::https || scheme == uri_scheme::wss;
}

/// What a URI without a port means; 0 for others.
[[nodiscard]] constexpr std::uint16_t default_port(uri_scheme scheme) noexcept {
  if (scheme == uri_scheme::other) return 0;
  return is_secure(scheme) ? 443 : 80;
}

/// Views of the text that was parsed. Of other schemes nothing but the scheme was looked at.
struct uri {
  uri_scheme scheme = uri_scheme::other;
  std::string_view host;   ///< a name or a number, IPv6 with its brackets; not empty
  std::uint16_t port = 0;  ///< never 0
  std::string_view path;   ///< empty, or with its slash in front
  std::string_view query;  ///< empty, or with its question mark in front
};

/// Nothing: it isn't an absolute URI, or has a byte that no request line can hold, or a user name
/// or password (RFC 9110 4.2.4), or it is one of a WebSocket with a fragment (RFC 6455 3). Other
/// fragments are left away.
[[nodiscard]] std::optional<uri> parse_uri(std::string_view text) noexcept;

/// Room for what resolve_reference() writes.
[[nodiscard]] constexpr std::size_t resolved_bytes_max(std::string_view base,
                                                       std::string_view reference) noexcept {
  return base.size() + reference.size() + 1;
}

/// The URI that `reference` means in a document at `base`, RFC 3986 5.2.2, without its fragment.
/// It is written to the front of `into`, which has room for resolved_bytes_max() and overlaps
/// neither. Precondition: parse_uri() takes `base`, and its scheme is none of the others.
[[nodiscard]] std::string_view resolve_reference(std::string_view base, std::string_view reference,
                                                 std::span<char> into) noexcept;

}  // namespace drywire::http
