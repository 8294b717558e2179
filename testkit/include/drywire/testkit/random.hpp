// Random numbers for tests: the same from the same seed with every compiler and library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace drywire::testkit {

/// SplitMix64. Not for secrets.
class random {
 public:
  explicit constexpr random(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// At least 0, less than `bound`; 0 for a bound of 0.
  constexpr std::size_t below(std::size_t bound) noexcept {
    return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound);
  }

 private:
  std::uint64_t state_;
};

}  // namespace drywire::testkit
