#include <drywire/websocket/masking.hpp>

#include <cstring>

namespace drywire::websocket {

namespace {

// The key twice, as the first eight bytes need it.
std::uint64_t turned(masking_key key, std::uint64_t offset) noexcept {
  std::byte bytes[8];
  for (std::size_t i = 0; i < sizeof(bytes); ++i) bytes[i] = key[(offset + i) % key.size()];
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// `from` may be `to`.
void mask_words(const std::byte* from, std::byte* to, std::size_t n, std::uint64_t key) noexcept {
  std::uint64_t word = 0;
  for (; n >= sizeof(word); n -= sizeof(word), from += sizeof(word), to += sizeof(word)) {
    std::memcpy(&word, from, sizeof(word));
    word ^= key;
    std::memcpy(to, &word, sizeof(word));
  }
  std::byte bytes[8];
  std::memcpy(bytes, &key, sizeof(bytes));
  for (std::size_t i = 0; i < n; ++i) to[i] = from[i] ^ bytes[i];
}

}  // namespace

void mask(mutable_bytes bytes, masking_key key, std::uint64_t offset) noexcept {
  mask_words(bytes.data(), bytes.data(), bytes.size(), turned(key, offset));
}

void mask_copy(const_bytes from, mutable_bytes to, masking_key key, std::uint64_t offset) noexcept {
  mask_words(from.data(), to.data(), from.size(), turned(key, offset));
}

}  // namespace drywire::websocket
