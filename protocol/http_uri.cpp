#include "http1_grammar.hpp"

#include <drywire/protocol/http_uri.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace drywire::http {

namespace {

using http1::grammar::behind;
using http1::grammar::first;

bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// A reference in its parts, RFC 3986 appendix B, without the fragment. What there is has its
// delimiter with it.
struct reference_parts {
  std::string_view scheme;     // "http:"
  std::string_view authority;  // "//host"
  std::string_view path;
  std::string_view query;  // "?..."
};

std::string_view take(std::string_view& text, std::size_t n) noexcept {
  const std::string_view taken = first(text, n);
  text = behind(text, n);
  return taken;
}

// Behind "scheme:"; 0 if there is none.
std::size_t scheme_size(std::string_view text) noexcept {
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon == text.npos || colon == 0 || text[colon] != ':') return 0;
  const auto fits = [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  return is_alpha(text[0]) && std::ranges::all_of(first(text, colon), fits) ? colon + 1 : 0;
}

reference_parts split(std::string_view text) noexcept {
  reference_parts parts;
  text = first(text, text.find('#'));
  parts.scheme = take(text, scheme_size(text));
  if (text.starts_with("//")) parts.authority = take(text, text.find_first_of("/?", 2));
  parts.path = take(text, text.find('?'));
  parts.query = text;
  return parts;
}

uri_scheme scheme_of(std::string_view text) noexcept {
  struct known {
    std::string_view text;
    uri_scheme scheme;
  };
  for (const known& one : {known{"http:", uri_scheme::http}, known{"https:", uri_scheme::https},
                           known{"ws:", uri_scheme::ws}, known{"wss:", uri_scheme::wss}}) {
    if (http1::equal_ignoring_case(text, one.text)) return one.scheme;
  }
  return uri_scheme::other;
}

// host [ ":" port ], RFC 3986 3.2, with a host.
bool parse_authority(std::string_view text, uri& out) noexcept {
  if (!http1::grammar::is_host(text)) return false;
  const std::size_t colon = text.find(':', text.starts_with('[') ? text.find(']') : 0);
  out.host = first(text, colon);
  out.port = default_port(out.scheme);
  if (colon != text.npos && colon + 1 != text.size()) {
    const auto number = http1::grammar::parse_decimal(behind(text, colon + 1));
    out.port = static_cast<std::uint16_t>(number.value_or(0));
  }
  return !out.host.empty() && out.port != 0;
}

// Whether it may stand in a request line, RFC 9112 3.2.
bool is_visible(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// A text that grows in memory of a fixed size.
class text_writer {
 public:
  explicit text_writer(std::span<char> into) noexcept : into_(into) {}

  text_writer& operator<<(std::string_view text) noexcept {
    assert(text.size() <= into_.size() - size_);
    if (!text.empty()) std::memcpy(into_.data() + size_, text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view text() const noexcept { return {into_.data(), size_}; }

  // RFC 3986 5.2.4, for the path that was written behind `begin`.
  void remove_dots(std::size_t begin) noexcept {
    std::string_view path = behind(text(), begin);
    size_ = begin;
    while (!path.empty()) {
      if (path.starts_with("/./")) {
        path = behind(path, 2);
      } else if (path == "/.") {
        path = "/";
      } else if (path.starts_with("/../") || path == "/..") {
        path = path == "/.." ? "/" : behind(path, 3);
        remove_segment(begin);
      } else {
        move_here(take(path, path.find('/', 1)));
      }
    }
  }

 private:
  void remove_segment(std::size_t begin) noexcept {
    const std::size_t slash = behind(text(), begin).rfind('/');
    if (slash != std::string_view::npos) size_ = begin + slash;
  }
  // The part may overlap its new place, which is never behind it.
  void move_here(std::string_view part) noexcept {
    std::memmove(into_.data() + size_, part.data(), part.size());
    size_ += part.size();
  }

  std::span<char> into_;
  std::size_t size_ = 0;
};

// RFC 3986 5.2.3: what of the base's path stands in front of a relative one.
std::string_view directory_of(std::string_view path) noexcept {
  return path.empty() ? "/" : first(path, path.rfind('/') + 1);
}

}  // namespace

std::optional<uri> parse_uri(std::string_view text) noexcept {
  const reference_parts parts = split(text);
  if (parts.scheme.empty() || !is_visible(text)) return {};
  uri out;
  out.scheme = scheme_of(parts.scheme);
  if (out.scheme == uri_scheme::other) return out;
  if (parts.authority.empty() || !parse_authority(behind(parts.authority, 2), out)) return {};
  const bool websocket = out.scheme == uri_scheme::ws || out.scheme == uri_scheme::wss;
  if (websocket && text.find('#') != text.npos) return {};
  out.path = parts.path;
  out.query = parts.query;
  return out;
}

std::string_view resolve_reference(std::string_view base_text, std::string_view reference,
                                   std::span<char> into) noexcept {
  const reference_parts base = split(base_text);
  const reference_parts r = split(reference);
  text_writer out(into);
  out << (r.scheme.empty() ? base.scheme : r.scheme);
  const bool own_authority = !r.scheme.empty() || !r.authority.empty();
  out << (own_authority ? r.authority : base.authority);
  if (!own_authority && r.path.empty()) {
    out << base.path << (r.query.empty() ? base.query : r.query);
    return out.text();
  }
  const std::size_t begin = out.size();
  if (!own_authority && !r.path.starts_with('/')) out << directory_of(base.path);
  out << r.path;
  out.remove_dots(begin);
  out << r.query;
  return out.text();
}

}  // namespace drywire::http
