#include <drywire/websocket/masking.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace drywire;
using namespace drywire::websocket;

namespace {

using bytes = std::vector<std::byte>;

constexpr masking_key key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

bytes numbered(std::size_t n) {
  bytes made(n);
  for (std::size_t i = 0; i < n; ++i) made[i] = static_cast<std::byte>(i * 7 + 1);
  return made;
}

// RFC 6455 5.3, word for word.
bytes masked(bytes plain, std::uint64_t offset) {
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] ^= key[(offset + i) % 4];
  return plain;
}

}  // namespace

TEST_CASE("the masked Hello of RFC 6455 5.7", "[rfc6455-5.3]") {
  const bytes wire{std::byte{0x7f}, std::byte{0x9f}, std::byte{0x4d}, std::byte{0x51},
                   std::byte{0x58}};
  bytes text = wire;
  mask(text, key, 0);
  CHECK(as_text(text) == "Hello");
  bytes again(text.size());
  mask_copy(text, again, key, 0);
  CHECK(again == wire);
}

TEST_CASE("a payload is masked in two portions as in one", "[rfc6455-5.3]") {
  const bytes plain = numbered(75);
  const bytes expected = masked(plain, 0);
  for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
    bytes there = plain;
    mask(mutable_bytes(there).first(cut), key, 0);
    mask(mutable_bytes(there).subspan(cut), key, cut);
    REQUIRE(there == expected);
    bytes copied(plain.size());
    mask_copy(const_bytes(plain).first(cut), copied, key, 0);
    mask_copy(const_bytes(plain).subspan(cut), mutable_bytes(copied).subspan(cut), key, cut);
    REQUIRE(copied == expected);
  }
}

TEST_CASE("the offset in a payload may be beyond 32 bits", "[rfc6455-5.3]") {
  const bytes plain = numbered(9);
  bytes there = plain;
  mask(there, key, (std::uint64_t{1} << 62) + 3);
  CHECK(there == masked(plain, 3));
}
