// Frames taken apart, byte by byte, by none of the code that is tested.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace websocket_test {

/// A frame as it is on the wire, RFC 6455 5.2.
struct wire_frame {
  unsigned first_byte = 0;
  bool masked = false;
  bool length_minimal = true;
  std::string key;
  std::string payload;  ///< unmasked

  [[nodiscard]] unsigned opcode() const { return first_byte & 0x0F; }
  [[nodiscard]] bool fin() const { return (first_byte & 0x80) != 0; }
  [[nodiscard]] unsigned rsv() const { return first_byte & 0x70; }
  [[nodiscard]] bool control() const { return opcode() >= 8; }
};

inline unsigned byte_at(std::string_view bytes, std::size_t i) {
  REQUIRE(i < bytes.size());
  return static_cast<unsigned char>(bytes[i]);
}

/// The frame at the front of the wire, which is taken off it; nothing if it isn't all there.
inline std::optional<wire_frame> take_frame(std::string_view& wire) {
  if (wire.size() < 2) return std::nullopt;
  wire_frame f;
  f.first_byte = byte_at(wire, 0);
  f.masked = (byte_at(wire, 1) & 0x80) != 0;
  std::size_t at = 2;
  std::uint64_t size = byte_at(wire, 1) & 0x7F;
  const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (more != 0) size = 0;
  if (wire.size() < at + more + (f.masked ? 4 : 0)) return std::nullopt;
  for (std::size_t i = 0; i < more; ++i) size = size << 8 | byte_at(wire, at++);
  f.length_minimal = more == 0 || size >= (more == 2 ? 126U : 65536U);
  if (f.masked) {
    f.key = wire.substr(at, 4);
    at += 4;
  }
  if (wire.size() - at < size) return std::nullopt;
  f.payload = wire.substr(at, size);
  for (std::size_t i = 0; f.masked && i < f.payload.size(); ++i) {
    f.payload[i] = static_cast<char>(f.payload[i] ^ f.key[i % 4]);
  }
  wire.remove_prefix(at + size);
  return f;
}

/// All of the wire's.
inline std::vector<wire_frame> frames_in(std::string_view wire) {
  std::vector<wire_frame> frames;
  while (auto f = take_frame(wire)) frames.push_back(std::move(*f));
  REQUIRE(wire.empty());
  return frames;
}

}  // namespace websocket_test
