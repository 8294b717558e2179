#include "base64.hpp"

#include <algorithm>
#include <cstdint>

namespace drywire::websocket {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

void write_base64(const_bytes bytes, char* to) noexcept {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8) | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      *to++ = i <= count ? alphabet[(bits >> (18 - 6 * i)) & 63] : '=';
    }
  }
}

bool is_base64_of(std::size_t n, std::string_view text) noexcept {
  if (text.size() != base64_size(n)) return false;
  const std::size_t padding = (3 - n % 3) % 3;
  const auto digits_end = text.end() - static_cast<std::ptrdiff_t>(padding);
  return std::all_of(text.begin(), digits_end,
                     [](char c) { return alphabet.find(c) != alphabet.npos; }) &&
         std::all_of(digits_end, text.end(), [](char c) { return c == '='; });
}

}  // namespace drywire::websocket
