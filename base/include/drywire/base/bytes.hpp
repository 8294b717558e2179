// Bytes as everybody here passes them: views that own nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace drywire {

using const_bytes = std::span<const std::byte>;
using mutable_bytes = std::span<std::byte>;

/// The same bytes seen as characters; no copy, no check of an encoding.
[[nodiscard]] inline std::string_view as_text(const_bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The same characters seen as bytes; without a terminating NUL.
[[nodiscard]] inline const_bytes text_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace drywire
