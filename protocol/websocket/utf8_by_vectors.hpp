// Checking UTF-8 by any type of vectors. Included by the file of each set of instructions, behind
// its `vector` and DRYWIRE_TARGET, the attribute that lets a function use them.
//
// What is wrong with two neighbours shows in three half bytes: both halves of the former, and the
// upper half of the latter. A rule is a set of values for each of the three, and broken where all
// three are in their sets. It is a bit, too: a look-up of a half gives the rules that have it.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace drywire::websocket::ways {

namespace {

struct utf8_rule {
  std::uint16_t high, low;  // of the former byte: bit i stands for the half i
  std::uint16_t next;       // of the latter byte, its upper half
};

constexpr std::uint16_t halves(unsigned from, unsigned to) noexcept {
  return static_cast<std::uint16_t>((2U << to) - (1U << from));
}
inline constexpr std::uint16_t any_half = halves(0, 15);
inline constexpr std::uint16_t continuation = halves(0x8, 0xB);

// RFC 3629 4. The last is the only one that may be broken, and has to be wherever the third or
// fourth byte of a character is due.
inline constexpr utf8_rule utf8_rules[] = {
    {halves(0x0, 0x7), any_half, continuation},                               // behind ASCII
    {halves(0xC, 0xF), any_half, static_cast<std::uint16_t>(~continuation)},  // cut short
    {halves(0xC, 0xC), halves(0x0, 0x1), continuation},      // below U+0080 in two bytes
    {halves(0xE, 0xE), halves(0x0, 0x0), halves(0x8, 0x9)},  // below U+0800 in three
    {halves(0xE, 0xE), halves(0xD, 0xD), halves(0xA, 0xB)},  // surrogates
    {halves(0xF, 0xF), halves(0x0, 0x0) | halves(0x5, 0xF), halves(0x8, 0x8)},  // below U+10000 in
    {halves(0xF, 0xF), halves(0x4, 0xF), halves(0x9, 0xB)},  // four; with this, above U+10FFFF
    {halves(0x8, 0xB), any_half, continuation},              // behind another continuation
};
static_assert(std::size(utf8_rules) == 8);

struct utf8_table {
  std::byte of[16] = {};
};

constexpr utf8_table make_table(std::uint16_t utf8_rule::*halves_of) noexcept {
  utf8_table table;
  for (unsigned half = 0; half < 16; ++half) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((utf8_rules[bit].*halves_of >> half & 1) == 0) continue;
      table.of[half] |= std::byte{1} << bit;
    }
  }
  return table;
}

inline constexpr utf8_table rules_of_high = make_table(&utf8_rule::high);
inline constexpr utf8_table rules_of_low = make_table(&utf8_rule::low);
inline constexpr utf8_table rules_of_next = make_table(&utf8_rule::next);

// Zero if nothing is wrong with the bytes at `p`, judged by the three in front of them.
DRYWIRE_TARGET inline vector::value faults_at(const std::byte* p) noexcept {
  const auto former = vector::load(p - 1);
  const auto broken =
      vector::both(vector::both(vector::look_up(rules_of_high.of, vector::high_halves(former)),
                                vector::look_up(rules_of_low.of, vector::low_halves(former))),
                   vector::look_up(rules_of_next.of, vector::high_halves(vector::load(p))));
  // What is at least 0x80 when less 0x60, or less 0x70, is a lead of three or more, or of four.
  const auto due = vector::either(vector::less(vector::load(p - 2), vector::repeat_byte(0x60)),
                                  vector::less(vector::load(p - 3), vector::repeat_byte(0x70)));
  return vector::exclusive_or(broken, vector::both(due, vector::repeat_byte(0x80)));
}

// Whether a character isn't over where these bytes, of which there are three or more, end.
inline bool ends_inside(const std::byte* end) noexcept {
  return end[-1] >= std::byte{0xC0} || end[-2] >= std::byte{0xE0} || end[-3] >= std::byte{0xF0};
}

inline constexpr std::size_t context = 3;

// What is wrong with the vector at `p`, in front of which are three bytes.
DRYWIRE_TARGET inline vector::value faults_of_vector(const std::byte* p) noexcept {
  if (!vector::is_ascii(vector::load(p))) return faults_at(p);
  return vector::repeat_byte(ends_inside(p) ? 1 : 0);
}

// From one to two vectors. What isn't ASCII is checked in a copy, between zeros.
DRYWIRE_TARGET inline bool short_utf8_by_vectors(const std::byte* text, std::size_t n) noexcept {
  constexpr std::size_t size = vector::size;
  if (vector::is_ascii(vector::either(vector::load(text), vector::load(text + n - size)))) {
    return true;
  }
  std::byte padded[context + 2 * size] = {};
  std::byte* const copy = padded + context;
  std::memcpy(copy, text, n);
  const auto faults = vector::either(faults_at(copy), faults_of_vector(copy + size));
  return vector::is_zero(faults) && !ends_inside(copy + n);
}

// What is wrong with the first vector of a text.
DRYWIRE_TARGET inline vector::value faults_of_first(const std::byte* text) noexcept {
  std::byte padded[context + vector::size] = {};
  std::memcpy(padded + context, text, vector::size);
  return faults_at(padded + context);
}

// At least one vector.
DRYWIRE_TARGET inline bool utf8_by_vectors(const std::byte* text, std::size_t n) noexcept {
  constexpr std::size_t size = vector::size;
  if (n <= 2 * size) return short_utf8_by_vectors(text, n);

  bool behind_ascii = vector::is_ascii(vector::load(text));
  auto faults = behind_ascii ? vector::repeat_byte(0) : faults_of_first(text);
  std::size_t i = size;
  for (; i + 2 * size <= n; i += 2 * size) {
    if (vector::is_ascii(vector::either(vector::load(text + i), vector::load(text + i + size)))) {
      if (!behind_ascii && ends_inside(text + i)) return false;
      behind_ascii = true;
    } else {
      behind_ascii = false;
      faults = vector::either(faults, faults_at(text + i));
      faults = vector::either(faults, faults_at(text + i + size));
    }
  }
  // The rest, which may overlap what was checked.
  if (n - i > size) faults = vector::either(faults, faults_of_vector(text + i));
  faults = vector::either(faults, faults_of_vector(text + n - size));
  return vector::is_zero(faults) && !ends_inside(text + n);
}

}  // namespace

}  // namespace drywire::websocket::ways
