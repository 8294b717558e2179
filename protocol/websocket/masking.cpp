#include "masking_key.hpp"
#include "ways.hpp"

#include <drywire/websocket/masking.hpp>

#include <cassert>
#include <cstring>

namespace drywire::websocket {

namespace {

std::uint64_t key_at(masking_key key, std::uint64_t offset) noexcept {
  std::uint32_t once = 0;
  std::memcpy(&once, key.data(), sizeof(once));
  return ways::turned(std::uint64_t{once} << 32 | once, offset);
}

}  // namespace

void mask(mutable_bytes bytes, masking_key key, std::uint64_t offset) noexcept {
  ways::best_mask()(bytes.data(), bytes.data(), bytes.size(), key_at(key, offset));
}

void mask_copy(const_bytes from, mutable_bytes to, masking_key key, std::uint64_t offset) noexcept {
  assert(from.size() <= to.size());
  ways::best_mask()(from.data(), to.data(), from.size(), key_at(key, offset));
}

}  // namespace drywire::websocket

namespace drywire::websocket::ways {

namespace {

// From one to two words, which may overlap; both are read before one is written.
template <class Word>
void mask_two(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept {
  const std::size_t last = n - sizeof(Word);
  Word words[2];
  std::memcpy(&words[0], from, sizeof(Word));
  std::memcpy(&words[1], from + last, sizeof(Word));
  words[0] ^= static_cast<Word>(key);
  words[1] ^= static_cast<Word>(turned(key, last));
  std::memcpy(to, &words[0], sizeof(Word));
  std::memcpy(to + last, &words[1], sizeof(Word));
}

void mask_few(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept {
  std::byte bytes[4];
  std::memcpy(bytes, &key, sizeof(bytes));
  for (std::size_t i = 0; i < n; ++i) to[i] = from[i] ^ bytes[i];
}

bool always() noexcept { return true; }

constexpr way<mask_function> all[] = {
    {"words", mask_by_words, always},
#if defined(__x86_64__)
    {"sse2", mask_by_sse2, always},
    {"avx2", mask_by_avx2, has_avx2},
#elif defined(DRYWIRE_HAS_NEON)
    {"neon", mask_by_neon, always},
#endif
};

}  // namespace

std::span<const way<mask_function>> masking() noexcept { return all; }

mask_function best_mask() noexcept {
#if defined(__x86_64__)
  return has_avx2() ? mask_by_avx2 : mask_by_sse2;
#elif defined(DRYWIRE_HAS_NEON)
  return mask_by_neon;
#else
  return mask_by_words;
#endif
}

void mask_by_words(const std::byte* from, std::byte* to, std::size_t n,
                   std::uint64_t key) noexcept {
  constexpr std::size_t size = sizeof(std::uint64_t);
  if (n < 4) return mask_few(from, to, n, key);
  if (n < size) return mask_two<std::uint32_t>(from, to, n, key);
  std::size_t done = 0;
  for (; n - done > 2 * size; done += size) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + done, size);
    word ^= key;
    std::memcpy(to + done, &word, size);
  }
  mask_two<std::uint64_t>(from + done, to + done, n - done, key);
}

}  // namespace drywire::websocket::ways
