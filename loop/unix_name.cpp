#include "unix_name.hpp"

namespace drywire {

namespace {

constexpr std::string_view escape_begin = "\\x";
constexpr std::size_t escape_size = escape_begin.size() + 2;
constexpr std::string_view hex_digits = "0123456789abcdef";

bool must_be_escaped(char c) noexcept {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '"' || c == '\\';
}

bool read_escape(std::string_view text, char& c) noexcept {
  if (text.size() < escape_size || !text.starts_with(escape_begin)) return false;
  const std::size_t high = hex_digits.find(text[escape_size - 2]);
  const std::size_t low = hex_digits.find(text[escape_size - 1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return false;
  c = static_cast<char>(high << 4 | low);
  return true;
}

}  // namespace

std::string escaped_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (!must_be_escaped(c)) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += escape_begin;
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 15U];
  }
  return text;
}

bool unescaped_name::read(std::string_view text) noexcept {
  while (!text.empty() && size_ != bytes_.size()) {
    char c = text.front();
    const bool escape = c == '\\';
    if (escape && !read_escape(text, c)) return false;
    bytes_[size_++] = c;
    text.remove_prefix(escape ? escape_size : 1);
  }
  return true;
}

}  // namespace drywire
