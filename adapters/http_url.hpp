// URLs of the scheme http, RFC 9110 4.2.1, and references to them, RFC 3986 5.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drywire {

enum class url_kind : std::uint8_t { http, https, other, invalid };

/// Views of the text that was parsed.
struct http_url {
  std::string_view host;  ///< a name or a number, IPv6 with its brackets; not empty
  std::uint16_t port = 80;
  std::string_view path;   ///< empty, or with its slash in front
  std::string_view query;  ///< empty, or with its question mark in front
};

/// `out` is good with url_kind::http. A user name or password is `invalid`, RFC 9110 4.2.4.
[[nodiscard]] url_kind parse_url(std::string_view text, http_url& out) noexcept;

/// host[:port] in lower case, as Host has it and origins are told apart by.
void append_authority(const http_url& url, std::string& to);

/// The URL that `reference` means in a document at `base`, RFC 3986 5.2.2. Precondition: `base` is
/// an absolute http URL.
[[nodiscard]] std::string resolve_reference(std::string_view base, std::string_view reference);

}  // namespace drywire
