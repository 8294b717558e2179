#include <drywire/loop/block_pool.hpp>

#include <catch2/catch_test_macros.hpp>

#include <utility>
#include <vector>

using namespace drywire;

TEST_CASE("a block given back is the next one lent") {
  block_pool pool;
  std::byte* first = nullptr;
  {
    const block held = pool.acquire();
    REQUIRE(held);
    CHECK(held.memory().size() == block_pool::block_size);
    CHECK(pool.held() == 1);
    first = held.memory().data();
  }
  CHECK(pool.held() == 0);
  CHECK(pool.acquire().memory().data() == first);
}

TEST_CASE("a block moves with its memory, and a target gives its own back") {
  block_pool pool;
  block a = pool.acquire();
  block b = pool.acquire();
  std::byte* const memory_of_a = a.memory().data();
  CHECK(pool.held() == 2);
  b = std::move(a);
  CHECK(pool.held() == 1);
  CHECK_FALSE(a);  // NOLINT(bugprone-use-after-move): a moved-from block is empty
  CHECK(b.memory().data() == memory_of_a);
  b = block();
  CHECK(pool.held() == 0);
}

TEST_CASE("more blocks than are kept spare are lent and given back") {
  block_pool pool;
  std::vector<block> held;
  for (std::size_t i = 0; i < block_pool::spare_max + 8; ++i) held.push_back(pool.acquire());
  CHECK(pool.held() == block_pool::spare_max + 8);
  held.clear();
  CHECK(pool.held() == 0);
}

TEST_CASE("taking a lent buffer empties the lender and keeps the bytes") {
  block_pool pool;
  block lender = pool.acquire();
  lender.memory()[3] = std::byte{42};
  lent_buffer lent(lender, lender.memory().subspan(3, 1));
  const mutable_bytes bytes = lent.bytes();
  const block taken = lent.take();
  CHECK_FALSE(lender);
  REQUIRE(taken);
  CHECK(bytes[0] == std::byte{42});
  CHECK(bytes.data() == taken.memory().data() + 3);
  CHECK(pool.held() == 1);
}
