// Masking and UTF-8 by NEON, which every AArch64 has.
#include "ways.hpp"

#if defined(DRYWIRE_HAS_NEON)

#include <arm_neon.h>

#define DRYWIRE_TARGET

namespace drywire::websocket::ways {

namespace {

struct vector {
  using value = uint8x16_t;
  static constexpr std::size_t size = 16;

  static value load(const std::byte* p) noexcept {
    return vld1q_u8(reinterpret_cast<const std::uint8_t*>(p));
  }
  static void store(std::byte* p, value v) noexcept {
    vst1q_u8(reinterpret_cast<std::uint8_t*>(p), v);
  }
  static value repeat(std::uint64_t word) noexcept {
    return vreinterpretq_u8_u64(vdupq_n_u64(word));
  }
  static value repeat_byte(int byte) noexcept {
    return vdupq_n_u8(static_cast<std::uint8_t>(byte));
  }
  static value both(value a, value b) noexcept { return vandq_u8(a, b); }
  static value either(value a, value b) noexcept { return vorrq_u8(a, b); }
  static value exclusive_or(value a, value b) noexcept { return veorq_u8(a, b); }
  static value less(value a, value b) noexcept { return vqsubq_u8(a, b); }
  static value low_halves(value a) noexcept { return both(a, repeat_byte(0x0F)); }
  static value high_halves(value a) noexcept { return vshrq_n_u8(a, 4); }
  static value look_up(const std::byte (&table)[16], value at) noexcept {
    return vqtbl1q_u8(load(table), at);
  }
  static bool is_ascii(value a) noexcept { return vmaxvq_u8(a) < 0x80; }
  static bool is_zero(value a) noexcept { return vmaxvq_u8(a) == 0; }
};

}  // namespace

}  // namespace drywire::websocket::ways

#include "masking_by_vectors.hpp"
#include "utf8_by_vectors.hpp"

namespace drywire::websocket::ways {

void mask_by_neon(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept {
  if (n < vector::size) return mask_by_words(from, to, n, key);
  mask_by_vectors(from, to, n, key);
}

bool utf8_by_neon(const std::byte* text, std::size_t n) noexcept {
  if (n < vector::size) return utf8_by_words(text, n);
  return utf8_by_vectors(text, n);
}

}  // namespace drywire::websocket::ways

#endif
