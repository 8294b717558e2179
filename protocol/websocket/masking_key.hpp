// A masking key as the ways to mask want it: twice, in eight bytes of memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace drywire::websocket::ways {

/// The key for the byte that is `n` behind the one that it was for.
[[nodiscard]] constexpr std::uint64_t turned(std::uint64_t key, std::uint64_t n) noexcept {
  const int bits = static_cast<int>(n % 4) * 8;
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

}  // namespace drywire::websocket::ways
