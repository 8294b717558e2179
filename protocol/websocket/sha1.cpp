#include "sha1.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace drywire::websocket {

namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;  // at the end of the last block, in bits

using block = std::array<std::byte, block_bytes>;
using state = std::array<std::uint32_t, 5>;

template <class To>
void write_big_endian(std::uint64_t number, std::size_t size, To to) noexcept {
  for (std::size_t i = size; i-- > 0;) {
    to[i] = static_cast<std::byte>(number);
    number >>= 8;
  }
}

// The words of a block, and those that follow from them.
std::array<std::uint32_t, 80> schedule(const block& from) noexcept {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t i = 0; i < block_bytes; ++i) {
    w[i / 4] = (w[i / 4] << 8) | std::to_integer<std::uint32_t>(from[i]);
  }
  for (std::size_t t = 16; t < w.size(); ++t) {
    w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  }
  return w;
}

void add_block(const block& from, state& h) noexcept {
  const auto w = schedule(from);
  auto [a, b, c, d, e] = h;
  for (std::size_t t = 0; t < w.size(); ++t) {
    std::uint32_t mix = 0;
    if (t < 20) {
      mix = ((b & c) | (~b & d)) + 0x5a827999U;
    } else if (t < 40) {
      mix = (b ^ c ^ d) + 0x6ed9eba1U;
    } else if (t < 60) {
      mix = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcU;
    } else {
      mix = (b ^ c ^ d) + 0xca62c1d6U;
    }
    const std::uint32_t next = std::rotl(a, 5) + mix + e + w[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

}  // namespace

sha1_digest sha1(const_bytes message) noexcept {
  state h{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U, 0xc3d2e1f0U};
  block b{};
  const_bytes rest = message;
  for (; rest.size() >= block_bytes; rest = rest.subspan(block_bytes)) {
    std::copy_n(rest.begin(), block_bytes, b.begin());
    add_block(b, h);
  }
  // Behind the message come one bit, zeros, and the length.
  b = {};
  std::copy(rest.begin(), rest.end(), b.begin());
  b[rest.size()] = std::byte{0x80};
  if (rest.size() >= block_bytes - length_bytes) {
    add_block(b, h);
    b = {};
  }
  write_big_endian(std::uint64_t{message.size()} * 8, length_bytes,
                   b.end() - std::ptrdiff_t{length_bytes});
  add_block(b, h);
  sha1_digest digest;
  for (std::size_t i = 0; i < h.size(); ++i) {
    write_big_endian(h[i], 4, digest.begin() + static_cast<std::ptrdiff_t>(4 * i));
  }
  return digest;
}

}  // namespace drywire::websocket
