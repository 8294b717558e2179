#include "chat_name.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/websocket/utf8.hpp>

#include <algorithm>

namespace drywire::tools {

namespace {

std::string_view query_value(std::string_view target, std::string_view name) noexcept {
  const std::size_t mark = target.find('?');
  std::string_view query = mark == target.npos ? "" : target.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
      return pair.substr(name.size() + 1);
    }
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
  }
  return {};
}

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// As forms encode: a plus is a space, and what is no escape stands for itself.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = high >= 0 ? digit_of(text[i + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string chat_name(std::string_view target) {
  std::string name = decoded(query_value(target, "name"));
  std::erase_if(name, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7F || c == ':';
  });
  name.erase(0, std::min(name.find_first_not_of("* "), name.size()));
  std::size_t end = std::min(name.size(), chat_name_bytes_max);
  while (end < name.size() && end != 0 && is_continuation(name[end])) --end;
  name.resize(end);
  name.resize(name.find_last_not_of(' ') + 1);
  if (name.empty() || !websocket::is_utf8(text_bytes(name))) return "guest";
  return name;
}

}  // namespace drywire::tools
