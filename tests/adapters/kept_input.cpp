#include "../support/allocations.hpp"

#include <drywire/adapters/kept_input.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

// Lends `size` bytes of `fill` from a block of the pool and keeps those behind `taken`; then the
// lender writes over its block, if it still has it.
void keep(kept_input& kept, block_pool& pool, std::size_t size, char fill, std::size_t taken = 0) {
  block lender = pool.acquire();
  const mutable_bytes bytes = lender.memory().first(size);
  std::ranges::fill(bytes, static_cast<std::byte>(fill));
  lent_buffer lent(lender, bytes);
  kept.keep(lent, bytes.subspan(taken));
  if (lender) std::ranges::fill(lender.memory(), std::byte{'#'});
}

std::string take_all(kept_input& kept) {
  std::string all;
  for (mutable_bytes b = kept.front(); !b.empty(); b = kept.front()) {
    const std::size_t n = std::min<std::size_t>(b.size(), 1000);
    all += as_text(b.first(n));
    kept.drop(n);
  }
  kept.free_dropped();
  return all;
}

}  // namespace

TEST_CASE("small rests are copied, large ones keep their block") {
  block_pool pool;
  kept_input kept;
  keep(kept, pool, 100, 'a', 40);
  CHECK(pool.held() == 0);
  keep(kept, pool, kept_input::copied_bytes_max + 1, 'b');
  CHECK(pool.held() == 1);
  keep(kept, pool, 7, 'c');
  CHECK(kept.size() == 60 + kept_input::copied_bytes_max + 1 + 7);
  CHECK(take_all(kept) == std::string(60, 'a') +
                              std::string(kept_input::copied_bytes_max + 1, 'b') +
                              std::string(7, 'c'));
  CHECK(kept.empty());
  CHECK(pool.held() == 0);
}

TEST_CASE("what comes byte by byte takes about as much memory as its bytes") {
  constexpr std::size_t size = 3000;
  block_pool pool;
  block lender = pool.acquire();
  kept_input kept;
  const std::size_t before = allocated_bytes();
  std::string expected;
  for (std::size_t i = 0; i < size; ++i) {
    expected += static_cast<char>('a' + i % 23);
    const mutable_bytes byte = lender.memory().first(1);
    byte[0] = static_cast<std::byte>(expected.back());
    lent_buffer lent(lender, byte);
    const mutable_bytes front = kept.front();
    const std::string seen(as_text(front));
    kept.keep(lent, byte);
    CHECK(as_text(front) == seen);  // it stays where it was
    if (i % 8 == 7) kept.drop(1);
  }
  expected.erase(0, size / 8);
  CHECK(allocated_bytes() - before < 2 * size + 2 * expected.size() + 4000);
  CHECK((take_all(kept) == expected));
}

TEST_CASE("an empty rest keeps nothing") {
  block_pool pool;
  kept_input kept;
  keep(kept, pool, 50, 'a', 50);
  CHECK(kept.empty());
  CHECK(kept.front().empty());
}

TEST_CASE("what was dropped stays readable until it is freed") {
  block_pool pool;
  kept_input kept;
  keep(kept, pool, 20'000, 'x');
  keep(kept, pool, 20'000, 'y');
  const mutable_bytes first = kept.front();
  kept.drop(first.size());
  CHECK(pool.held() == 2);
  CHECK(static_cast<char>(first.back()) == 'x');
  CHECK(static_cast<char>(kept.front().front()) == 'y');
  kept.free_dropped();
  CHECK(pool.held() == 1);
  CHECK(kept.size() == 20'000);
}

TEST_CASE("clearing gives blocks back") {
  block_pool pool;
  kept_input kept;
  keep(kept, pool, 20'000, 'x');
  keep(kept, pool, 20, 'y');
  kept.clear();
  CHECK(kept.empty());
  CHECK(pool.held() == 0);
}
