// Each way to mask beside a naive one, byte by byte.
#include "named_way.hpp"

#include <drywire/testkit/random.hpp>
#include <drywire/websocket/masking.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

using namespace drywire;
using namespace drywire::websocket;

namespace {

constexpr masking_key key{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

// RFC 6455 5.3, word for word; `phase` is the place of the first byte.
void mask_naively(std::byte* p, std::size_t n, std::size_t phase) {
  for (std::size_t i = 0; i < n; ++i) p[i] ^= key[(phase + i) % 4];
}

std::uint64_t doubled(std::size_t phase) {
  std::byte twice[8];
  for (std::size_t i = 0; i < 8; ++i) twice[i] = key[(phase + i) % 4];
  std::uint64_t word = 0;
  std::memcpy(&word, twice, sizeof(word));
  return word;
}

// `n` bytes of memory `offset` behind a multiple of 64. It ends with the last of them, so that
// AddressSanitizer sees a step over that.
class place {
 public:
  place(std::size_t offset, std::size_t n)
      : memory_(new(std::align_val_t{64}) std::byte[offset + n]), offset_(offset), size_(n) {
    for (std::size_t i = 0; i < offset + n; ++i) memory_[i] = static_cast<std::byte>(i * 7 + 1);
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  ~place() { ::operator delete[](memory_, std::align_val_t{64}); }

  [[nodiscard]] std::byte* begin() const { return memory_ + offset_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const_bytes all() const { return {memory_, offset_ + size_}; }

 private:
  std::byte* memory_;
  std::size_t offset_;
  std::size_t size_;
};

bool same(const place& a, const place& b) { return std::ranges::equal(a.all(), b.all()); }

void mask_as_naively(ways::mask_function run, std::size_t offset, std::size_t n,
                     std::size_t phase) {
  const place expected(offset, n);
  mask_naively(expected.begin(), n, phase);

  const place there(offset, n);
  run(there.begin(), there.begin(), n, doubled(phase));
  INFO("offset " << offset << ", length " << n << ", phase " << phase);
  if (!same(there, expected)) FAIL("in place");

  const place source((offset * 5 + n) % 64, n);
  std::copy_n(place(offset, n).begin(), n, source.begin());
  const place copy(offset, n);
  run(source.begin(), copy.begin(), n, doubled(phase));
  if (!same(copy, expected)) FAIL("as a copy");
}

void mask_as_naively(std::string_view name) {
  const ways::mask_function run = ways::named(ways::masking(), name);
  for (std::size_t offset = 0; offset < 64; ++offset) {
    for (std::size_t n = 0; n <= 300; ++n) {
      for (std::size_t phase = 0; phase < 4; ++phase) mask_as_naively(run, offset, n, phase);
    }
  }
  testkit::random numbers(1);
  for (int i = 0; i < 300; ++i) {
    mask_as_naively(run, numbers.below(64), numbers.below(20'000), numbers.below(4));
  }
}

}  // namespace

TEST_CASE("masking by words does as the naive one") { mask_as_naively("words"); }
TEST_CASE("masking by SSE2 does as the naive one") { mask_as_naively("sse2"); }
TEST_CASE("masking by AVX2 does as the naive one") { mask_as_naively("avx2"); }
TEST_CASE("masking by NEON does as the naive one") { mask_as_naively("neon"); }

TEST_CASE("the way to mask that is chosen is the last that is here") {
  ways::mask_function last = nullptr;
  for (const auto& one : ways::masking()) {
    if (one.here()) last = one.run;
  }
  CHECK(ways::best_mask() == last);
}
