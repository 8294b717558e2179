// The ways to mask and to check UTF-8, one for each set of instructions. masking.cpp and utf8.cpp
// choose among them; tests run them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace drywire::websocket::ways {

/// `key` is the masking key twice, turned so that the first byte in memory is for the first of the
/// `n` bytes. `to` is `from`, or they don't overlap.
using mask_function = void (*)(const std::byte* from, std::byte* to, std::size_t n,
                               std::uint64_t key) noexcept;

/// Whether the bytes are whole characters.
using utf8_function = bool (*)(const std::byte* text, std::size_t n) noexcept;

template <class Function>
struct way {
  std::string_view name;
  Function run;
  bool (*here)() noexcept;  ///< whether this processor can
};

/// Those that were compiled for this architecture, the fastest last.
[[nodiscard]] std::span<const way<mask_function>> masking() noexcept;
[[nodiscard]] std::span<const way<utf8_function>> utf8() noexcept;

/// The fastest way here.
[[nodiscard]] mask_function best_mask() noexcept;
[[nodiscard]] utf8_function best_utf8() noexcept;

void mask_by_words(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept;
bool utf8_by_words(const std::byte* text, std::size_t n) noexcept;

#if defined(__x86_64__)

void mask_by_sse2(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept;
bool utf8_by_ssse3(const std::byte* text, std::size_t n) noexcept;
void mask_by_avx2(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept;
bool utf8_by_avx2(const std::byte* text, std::size_t n) noexcept;

// Both ask a variable that the compiler's library has set before main(); earlier they are false.
[[nodiscard]] inline bool has_ssse3() noexcept { return __builtin_cpu_supports("ssse3") != 0; }
[[nodiscard]] inline bool has_avx2() noexcept { return __builtin_cpu_supports("avx2") != 0; }

#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define DRYWIRE_HAS_NEON

void mask_by_neon(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept;
bool utf8_by_neon(const std::byte* text, std::size_t n) noexcept;

#endif

}  // namespace drywire::websocket::ways
