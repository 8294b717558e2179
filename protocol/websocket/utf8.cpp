#include "ways.hpp"

#include <drywire/websocket/utf8.hpp>

#include <bit>
#include <cstring>

namespace drywire::websocket {

namespace {

// What may follow a byte in front of a character, RFC 3629 4. The second byte has the narrower
// range where that keeps out long forms, surrogates, and what is beyond U+10FFFF.
struct lead {
  std::uint8_t needed;
  std::uint8_t lowest;
  std::uint8_t highest;
};

constexpr std::uint8_t ascii_max = 0x7F;
constexpr std::uint8_t continuation_min = 0x80;
constexpr std::uint8_t continuation_max = 0xBF;
constexpr lead no_lead{1, 1, 0};  // nothing is in its range

constexpr lead lead_of(std::uint8_t byte) noexcept {
  if (byte < 0xC2) return no_lead;
  if (byte < 0xE0) return {1, continuation_min, continuation_max};
  if (byte == 0xE0) return {2, 0xA0, continuation_max};
  if (byte == 0xED) return {2, continuation_min, 0x9F};
  if (byte < 0xF0) return {2, continuation_min, continuation_max};
  if (byte == 0xF0) return {3, 0x90, continuation_max};
  if (byte < 0xF4) return {3, continuation_min, continuation_max};
  if (byte == 0xF4) return {3, continuation_min, 0x8F};
  return no_lead;
}

// Without the character that it ends inside of, if its lead is among the last three bytes.
const_bytes whole_characters(const_bytes text) noexcept {
  for (std::size_t n = 1; n <= 3 && n <= text.size(); ++n) {
    const auto byte = std::to_integer<std::uint8_t>(text[text.size() - n]);
    if (byte < continuation_min) break;
    if (byte <= continuation_max) continue;
    return lead_of(byte).needed < n ? text : text.first(text.size() - n);
  }
  return text;
}

}  // namespace

bool utf8_validator::feed(const_bytes bytes) noexcept {
  while (needed_ != 0 && !bytes.empty()) {
    step(bytes.front());
    bytes = bytes.subspan(1);
  }
  const const_bytes whole = whole_characters(bytes);
  if (!ways::best_utf8()(whole.data(), whole.size())) refuse();
  for (const std::byte byte : bytes.subspan(whole.size())) step(byte);
  return lowest_ <= highest_;
}

void utf8_validator::step(std::byte next) noexcept {
  const auto byte = std::to_integer<std::uint8_t>(next);
  if (needed_ == 0) {
    if (byte <= ascii_max) return;
    const lead found = lead_of(byte);
    needed_ = found.needed;
    lowest_ = found.lowest;
    highest_ = found.highest;
  } else if (byte < lowest_ || byte > highest_) {
    refuse();
  } else {
    --needed_;
    lowest_ = continuation_min;
    highest_ = continuation_max;
  }
}

// Nothing is in the range from now on.
void utf8_validator::refuse() noexcept {
  needed_ = no_lead.needed;
  lowest_ = no_lead.lowest;
  highest_ = no_lead.highest;
}

bool is_utf8(const_bytes text) noexcept { return ways::best_utf8()(text.data(), text.size()); }

}  // namespace drywire::websocket

namespace drywire::websocket::ways {

namespace {

bool always() noexcept { return true; }

constexpr way<utf8_function> all[] = {
    {"words", utf8_by_words, always},
#if defined(__x86_64__)
    {"ssse3", utf8_by_ssse3, has_ssse3},
    {"avx2", utf8_by_avx2, has_avx2},
#elif defined(DRYWIRE_HAS_NEON)
    {"neon", utf8_by_neon, always},
#endif
};

// How many bytes in front are ASCII; it stops after one word, too.
std::size_t ascii_in_word(const std::byte* text, std::size_t n) noexcept {
  std::uint64_t word = 0;
  if (n < sizeof(word)) return text[0] <= std::byte{ascii_max} ? 1 : 0;
  std::memcpy(&word, text, sizeof(word));
  word &= 0x8080808080808080;
  const bool little = std::endian::native == std::endian::little;
  return static_cast<std::size_t>(little ? std::countr_zero(word) : std::countl_zero(word)) / 8;
}

// The size of the valid character at the front, which isn't ASCII; 0 if there is none.
std::size_t character_size(const std::byte* text, std::size_t n) noexcept {
  const lead found = lead_of(std::to_integer<std::uint8_t>(text[0]));
  if (n <= found.needed) return 0;
  const auto second = std::to_integer<std::uint8_t>(text[1]);
  if (second < found.lowest || second > found.highest) return 0;
  for (std::size_t i = 2; i <= found.needed; ++i) {
    const auto byte = std::to_integer<std::uint8_t>(text[i]);
    if (byte < continuation_min || byte > continuation_max) return 0;
  }
  return std::size_t{found.needed} + 1;
}

}  // namespace

std::span<const way<utf8_function>> utf8() noexcept { return all; }

utf8_function best_utf8() noexcept {
#if defined(__x86_64__)
  if (has_avx2()) return utf8_by_avx2;
  return has_ssse3() ? utf8_by_ssse3 : utf8_by_words;
#elif defined(DRYWIRE_HAS_NEON)
  return utf8_by_neon;
#else
  return utf8_by_words;
#endif
}

bool utf8_by_words(const std::byte* text, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n;) {
    std::size_t size = ascii_in_word(text + i, n - i);
    if (size == 0) size = character_size(text + i, n - i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

}  // namespace drywire::websocket::ways
