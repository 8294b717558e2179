#include "http_url.hpp"

#include <drywire/protocol/http1.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace drywire {

namespace {

bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A reference in its five parts, RFC 3986 appendix B. What there is has its delimiter with it.
struct url_parts {
  std::string_view scheme;     // "http:"
  std::string_view authority;  // "//host"
  std::string_view path;
  std::string_view query;  // "?..."
};

std::string_view take(std::string_view& text, std::size_t n) noexcept {
  const std::string_view taken = text.substr(0, n);
  text.remove_prefix(taken.size());
  return taken;
}

// Behind "scheme:"; 0 if there is none.
std::size_t scheme_size(std::string_view text) noexcept {
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || colon == 0 || text[colon] != ':') return 0;
  const auto fits = [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  const std::string_view scheme = text.substr(0, colon);
  return is_alpha(scheme[0]) && std::ranges::all_of(scheme, fits) ? colon + 1 : 0;
}

url_parts split(std::string_view text) noexcept {
  url_parts parts;
  text = text.substr(0, text.find('#'));
  parts.scheme = take(text, scheme_size(text));
  if (text.starts_with("//")) parts.authority = take(text, text.find_first_of("/?", 2));
  parts.path = take(text, text.find('?'));
  parts.query = text;
  return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 80;
  if (text.empty()) return port;
  const char* const end = text.data() + text.size();
  const auto [stop, e] = std::from_chars(text.data(), end, port);
  return e == std::errc() && stop == end && port != 0 ? std::optional(port) : std::nullopt;
}

bool parse_authority(std::string_view text, http_url& out) noexcept {
  if (text.find('@') != std::string_view::npos) return false;
  const std::size_t behind_number = text.starts_with('[') ? text.find(']') : 0;
  if (behind_number == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', behind_number);
  out.host = text.substr(0, colon);
  const bool whole = behind_number == 0 || behind_number + 1 == out.host.size();
  const auto port =
      parse_port(colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1));
  if (!whole || out.host.empty() || !port) return false;
  out.port = *port;
  return true;
}

// Whether it may stand in a request line, RFC 9112 3.2.
bool is_visible(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// RFC 3986 5.2.4.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path == "/.." ? "/" : path.substr(3);
      out.erase(std::min(out.rfind('/'), out.size()));
    } else {
      out += take(path, path.find('/', 1));
    }
  }
  return out;
}

// RFC 3986 5.2.3.
std::string merge(const url_parts& base, std::string_view path) {
  if (base.path.empty()) return std::string("/").append(path);
  return std::string(base.path.substr(0, base.path.rfind('/') + 1)).append(path);
}

}  // namespace

url_kind parse_url(std::string_view text, http_url& out) noexcept {
  const url_parts parts = split(text);
  if (parts.scheme.empty() || !is_visible(text)) return url_kind::invalid;
  if (http1::equal_ignoring_case(parts.scheme, "https:")) return url_kind::https;
  if (!http1::equal_ignoring_case(parts.scheme, "http:")) return url_kind::other;
  if (parts.authority.empty() || !parse_authority(parts.authority.substr(2), out)) {
    return url_kind::invalid;
  }
  out.path = parts.path;
  out.query = parts.query;
  return url_kind::http;
}

void append_authority(const http_url& url, std::string& to) {
  for (const char c : url.host) to += lower(c);
  if (url.port == 80) return;
  char digits[5];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), url.port).ptr;
  to.append(":").append(digits, end);
}

std::string resolve_reference(std::string_view base_text, std::string_view reference) {
  const url_parts base = split(base_text);
  const url_parts r = split(reference);
  if (!r.scheme.empty()) {
    return std::string(r.scheme).append(r.authority).append(without_dots(r.path)).append(r.query);
  }
  std::string to(base.scheme);
  if (!r.authority.empty()) {
    return to.append(r.authority).append(without_dots(r.path)).append(r.query);
  }
  to.append(base.authority);
  if (r.path.empty()) {
    return to.append(base.path).append(r.query.empty() ? base.query : r.query);
  }
  const bool absolute = r.path.starts_with('/');
  return to.append(without_dots(absolute ? std::string(r.path) : merge(base, r.path)))
      .append(r.query);
}

}  // namespace drywire
