// UTF-8 as RFC 3629 3 defines it, one character after the other: slow, and plain to see right.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drywire::websocket {

/// The number that the character in front stands for, and how many bytes it has; none if it has
/// none, or not all of its bytes are there.
inline std::size_t naive_character(std::string_view text, std::uint32_t& number) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::size_t size = 0;
  if (at(0) < 0x80) size = 1;
  if (at(0) >> 5 == 0b110) size = 2;
  if (at(0) >> 4 == 0b1110) size = 3;
  if (at(0) >> 3 == 0b11110) size = 4;
  if (size == 0 || text.size() < size) return 0;
  number = size == 1 ? at(0) : at(0) & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (at(i) >> 6 != 0b10) return 0;
    number = number << 6 | (at(i) & 0x3FU);
  }
  return size;
}

inline bool naive_is_utf8(std::string_view text) {
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  while (!text.empty()) {
    std::uint32_t number = 0;
    const std::size_t size = naive_character(text, number);
    if (size == 0 || number < least[size] || number > 0x10FFFF) return false;
    if (number >= 0xD800 && number <= 0xDFFF) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// Whether something could follow that makes it valid: at most three bytes, which are tried.
inline bool naive_may_become_utf8(const std::string& text, int more = 3) {
  if (naive_is_utf8(text)) return true;
  if (more == 0) return false;
  for (const char next : {'\x80', '\x90', '\xa0'}) {
    if (naive_may_become_utf8(text + next, more - 1)) return true;
  }
  return false;
}

}  // namespace drywire::websocket
