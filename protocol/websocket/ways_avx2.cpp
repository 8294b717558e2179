// Masking and UTF-8 by AVX2.
#if defined(__x86_64__)

#include "ways.hpp"

#include <immintrin.h>

#define DRYWIRE_TARGET [[gnu::target("avx2")]]

namespace drywire::websocket::ways {

namespace {

struct vector {
  using value = __m256i;
  static constexpr std::size_t size = 32;

  DRYWIRE_TARGET static value load(const std::byte* p) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const value*>(p));
  }
  DRYWIRE_TARGET static void store(std::byte* p, value v) noexcept {
    _mm256_storeu_si256(reinterpret_cast<value*>(p), v);
  }
  DRYWIRE_TARGET static value repeat(std::uint64_t word) noexcept {
    return _mm256_set1_epi64x(static_cast<long long>(word));
  }
  DRYWIRE_TARGET static value repeat_byte(int byte) noexcept {
    return _mm256_set1_epi8(static_cast<char>(byte));
  }
  DRYWIRE_TARGET static value both(value a, value b) noexcept { return _mm256_and_si256(a, b); }
  DRYWIRE_TARGET static value either(value a, value b) noexcept { return _mm256_or_si256(a, b); }
  DRYWIRE_TARGET static value exclusive_or(value a, value b) noexcept {
    return _mm256_xor_si256(a, b);
  }
  DRYWIRE_TARGET static value less(value a, value b) noexcept { return _mm256_subs_epu8(a, b); }
  DRYWIRE_TARGET static value low_halves(value a) noexcept { return both(a, repeat_byte(0x0F)); }
  DRYWIRE_TARGET static value high_halves(value a) noexcept {
    return low_halves(_mm256_srli_epi16(a, 4));
  }
  DRYWIRE_TARGET static value look_up(const std::byte (&table)[16], value at) noexcept {
    const __m128i once = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(once), at);
  }
  DRYWIRE_TARGET static bool is_ascii(value a) noexcept { return _mm256_movemask_epi8(a) == 0; }
  DRYWIRE_TARGET static bool is_zero(value a) noexcept { return _mm256_testz_si256(a, a) != 0; }
};

}  // namespace

}  // namespace drywire::websocket::ways

#include "masking_by_vectors.hpp"
#include "utf8_by_vectors.hpp"

namespace drywire::websocket::ways {

DRYWIRE_TARGET void mask_by_avx2(const std::byte* from, std::byte* to, std::size_t n,
                                 std::uint64_t key) noexcept {
  if (n < vector::size) return mask_by_sse2(from, to, n, key);
  mask_by_vectors(from, to, n, key);
}

DRYWIRE_TARGET bool utf8_by_avx2(const std::byte* text, std::size_t n) noexcept {
  if (n < vector::size) return utf8_by_ssse3(text, n);
  return utf8_by_vectors(text, n);
}

}  // namespace drywire::websocket::ways

#endif
