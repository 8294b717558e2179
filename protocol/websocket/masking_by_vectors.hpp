// Masking by any type of vectors. Included by the file of each set of instructions, behind its
// `vector` and DRYWIRE_TARGET, the attribute that lets a function use them.
#include "masking_key.hpp"

#include <cstddef>
#include <cstdint>

namespace drywire::websocket::ways {

namespace {

// At least one vector. The first and the last may overlap what is between, whose stores are
// aligned: they are read before anything is written, and written behind all else.
DRYWIRE_TARGET inline void mask_by_vectors(const std::byte* from, std::byte* to, std::size_t n,
                                           std::uint64_t key) noexcept {
  constexpr std::size_t size = vector::size;
  const std::size_t last = n - size;
  const auto first_vector = vector::exclusive_or(vector::load(from), vector::repeat(key));
  const auto last_vector =
      vector::exclusive_or(vector::load(from + last), vector::repeat(turned(key, last)));

  std::size_t i = size - reinterpret_cast<std::uintptr_t>(to) % size;
  const auto keys = vector::repeat(turned(key, i));
  for (; i + 4 * size <= n; i += 4 * size) {
    const auto a = vector::exclusive_or(vector::load(from + i), keys);
    const auto b = vector::exclusive_or(vector::load(from + i + size), keys);
    const auto c = vector::exclusive_or(vector::load(from + i + 2 * size), keys);
    const auto d = vector::exclusive_or(vector::load(from + i + 3 * size), keys);
    vector::store(to + i, a);
    vector::store(to + i + size, b);
    vector::store(to + i + 2 * size, c);
    vector::store(to + i + 3 * size, d);
  }
  for (; i < last; i += size) {
    vector::store(to + i, vector::exclusive_or(vector::load(from + i), keys));
  }
  vector::store(to, first_vector);
  vector::store(to + last, last_vector);
}

}  // namespace

}  // namespace drywire::websocket::ways
