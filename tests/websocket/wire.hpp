// Frames as a peer would write them, byte for byte, by none of the code that is tested.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/entropy.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace websocket_test {

using namespace std::string_view_literals;

inline constexpr std::string_view key = "\x11\x22\x33\x44"sv;

inline std::string masked(std::string_view payload) {
  std::string out(payload);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ key[i % 4]);
  return out;
}

/// The length in its shortest form, behind the bit that says whether there is a key.
inline std::string length(std::uint64_t n, unsigned mask_bit) {
  std::string out;
  const std::size_t more = n < 126 ? 0 : n < 65536 ? 2 : 8;
  const auto first = more == 0 ? n : more == 2 ? 126U : 127U;
  out += static_cast<char>(first | mask_bit);
  for (std::size_t i = more; i > 0; --i) out += static_cast<char>(n >> 8 * (i - 1));
  return out;
}

/// A client's frame: FIN, RSV and opcode in the first byte.
inline std::string up(unsigned first_byte, std::string_view payload = {}) {
  return static_cast<char>(first_byte) + length(payload.size(), 0x80) + std::string(key) +
         masked(payload);
}

/// A server's.
inline std::string down(unsigned first_byte, std::string_view payload = {}) {
  return static_cast<char>(first_byte) + length(payload.size(), 0) + std::string(payload);
}

/// The payload of a Close.
inline std::string status(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} +
         std::string(reason);
}

/// First bytes of frames that are whole messages or controls.
inline constexpr unsigned text = 0x81;
inline constexpr unsigned binary = 0x82;
inline constexpr unsigned closing = 0x88;
inline constexpr unsigned ping = 0x89;
inline constexpr unsigned pong = 0x8A;
/// ... and of fragments.
inline constexpr unsigned text_begin = 0x01;
inline constexpr unsigned binary_begin = 0x02;
inline constexpr unsigned middle = 0x00;
inline constexpr unsigned last = 0x80;
/// RSV1: a compressed message.
inline constexpr unsigned rsv1 = 0x40;

/// Always the key above, so that what a client writes is what up() makes.
class same_key final : public drywire::entropy {
 public:
  void fill(drywire::mutable_bytes to) noexcept override {
    ++asked;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<std::byte>(key[i % 4]);
  }
  int asked = 0;
};

}  // namespace websocket_test
