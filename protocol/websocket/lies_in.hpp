// Whose memory bytes lie in.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstdint>

namespace drywire::websocket {

/// Whether they lie in a block of that size; null is none.
[[nodiscard]] inline bool lies_in(const_bytes bytes, const std::byte* block,
                                  std::size_t block_bytes) noexcept {
  // As numbers, because pointers into different objects have no order.
  const auto begin = reinterpret_cast<std::uintptr_t>(block);
  const auto at = reinterpret_cast<std::uintptr_t>(bytes.data());
  return block != nullptr && at >= begin && at - begin < block_bytes;
}

}  // namespace drywire::websocket
