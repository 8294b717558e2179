#include <drywire/websocket/utf8.hpp>

#include <cstring>

namespace drywire::websocket {

namespace {

// What follows a byte in front of a character, RFC 3629 4. The second byte has the narrower range
// where that keeps out long forms, surrogates, and what is beyond U+10FFFF.
struct lead {
  std::uint8_t needed;
  std::uint8_t lowest;
  std::uint8_t highest;
};

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

// How many bytes in front are surely ASCII.
std::size_t ascii_size(const_bytes bytes) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t n = 0;
  for (std::uint64_t word = 0; bytes.size() - n >= sizeof(word); n += sizeof(word)) {
    std::memcpy(&word, bytes.data() + n, sizeof(word));
    if ((word & high_bits) != 0) break;
  }
  return n;
}

}  // namespace

bool utf8_validator::feed(const_bytes bytes) noexcept {
  while (lowest_ <= highest_ && !bytes.empty()) {
    if (needed_ == 0) {
      bytes = bytes.subspan(ascii_size(bytes));
      if (bytes.empty()) break;
    }
    const auto byte = std::to_integer<std::uint8_t>(bytes.front());
    bytes = bytes.subspan(1);
    if (needed_ == 0) {
      if (byte < 0x80) continue;
      const lead found = lead_of(byte);
      needed_ = found.needed;
      lowest_ = found.lowest;
      highest_ = found.highest;
    } else if (byte < lowest_ || byte > highest_) {
      lowest_ = no_lead.lowest;
      highest_ = no_lead.highest;
    } else {
      --needed_;
      lowest_ = continuation_min;
      highest_ = continuation_max;
    }
  }
  return lowest_ <= highest_;
}

bool is_utf8(const_bytes text) noexcept {
  utf8_validator validator;
  return validator.feed(text) && validator.complete();
}

}  // namespace drywire::websocket
