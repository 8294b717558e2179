// Masking by SSE2, which every x86-64 has, and UTF-8 by SSSE3.
#if defined(__x86_64__)

#include "ways.hpp"

#include <immintrin.h>

namespace drywire::websocket::ways {

namespace {

struct vector {
  using value = __m128i;
  static constexpr std::size_t size = 16;

  static value load(const std::byte* p) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const value*>(p));
  }
  static void store(std::byte* p, value v) noexcept {
    _mm_storeu_si128(reinterpret_cast<value*>(p), v);
  }
  static value repeat(std::uint64_t word) noexcept {
    return _mm_set1_epi64x(static_cast<long long>(word));
  }
  static value repeat_byte(int byte) noexcept { return _mm_set1_epi8(static_cast<char>(byte)); }
  static value both(value a, value b) noexcept { return _mm_and_si128(a, b); }
  static value either(value a, value b) noexcept { return _mm_or_si128(a, b); }
  static value exclusive_or(value a, value b) noexcept { return _mm_xor_si128(a, b); }
  static value less(value a, value b) noexcept { return _mm_subs_epu8(a, b); }
  static value low_halves(value a) noexcept { return both(a, repeat_byte(0x0F)); }
  static value high_halves(value a) noexcept { return low_halves(_mm_srli_epi16(a, 4)); }
  [[gnu::target("ssse3")]] static value look_up(const std::byte (&table)[16], value at) noexcept {
    return _mm_shuffle_epi8(load(table), at);
  }
  static bool is_ascii(value a) noexcept { return _mm_movemask_epi8(a) == 0; }
  static bool is_zero(value a) noexcept {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())) == 0xFFFF;
  }
};

}  // namespace

}  // namespace drywire::websocket::ways

#define DRYWIRE_TARGET
#include "masking_by_vectors.hpp"
#undef DRYWIRE_TARGET
#define DRYWIRE_TARGET [[gnu::target("ssse3")]]
#include "utf8_by_vectors.hpp"

namespace drywire::websocket::ways {

void mask_by_sse2(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept {
  if (n < vector::size) return mask_by_words(from, to, n, key);
  mask_by_vectors(from, to, n, key);
}

bool utf8_by_ssse3(const std::byte* text, std::size_t n) noexcept {
  if (n < vector::size) return utf8_by_words(text, n);
  return utf8_by_vectors(text, n);
}

}  // namespace drywire::websocket::ways

#endif
