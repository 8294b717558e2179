#include "http_url.hpp"

#include <charconv>

namespace drywire {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

void append_authority(const http::uri& url, std::string& to) {
  for (const char c : url.host) to += lower(c);
  if (url.port == http::default_port(url.scheme)) return;
  char digits[5];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), url.port).ptr;
  to.append(":").append(digits, end);
}

std::string resolve_reference(std::string_view base, std::string_view reference) {
  std::string to(http::resolved_bytes_max(base, reference), '\0');
  to.resize(http::resolve_reference(base, reference, to).size());
  return to;
}

}  // namespace drywire
