// Bytes by their position, so that one that is lost, doubled or out of order is noticed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace drywire::contract {

/// The byte at `position`; its period is a prime, so that no block size hides a shift.
[[nodiscard]] constexpr char pattern_at(std::size_t position) noexcept {
  return static_cast<char>('!' + position % 89);
}

[[nodiscard]] inline std::string pattern(std::size_t size, std::size_t from = 0) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i != size; ++i) bytes[i] = pattern_at(from + i);
  return bytes;
}

/// Checks a pattern piece by piece, and keeps none of it.
struct pattern_check {
  std::size_t received = 0;
  bool intact = true;

  void add(std::string_view piece) {
    intact = intact &&
             std::ranges::all_of(piece, [this](char c) { return c == pattern_at(received++); });
  }
};

}  // namespace drywire::contract
