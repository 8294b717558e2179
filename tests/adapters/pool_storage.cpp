#include <drywire/adapters/pool_storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace drywire;

TEST_CASE("a pool lends blocks up to its limit and takes them back") {
  pool_storage pool(1024, 3);
  std::vector<mutable_bytes> blocks;
  for (int i = 0; i < 3; ++i) blocks.push_back(pool.acquire());
  for (const mutable_bytes b : blocks) CHECK(b.size() == 1024);
  CHECK(pool.held() == 3);
  CHECK(pool.acquire().empty());

  pool.release(blocks.back().data());
  CHECK(pool.acquire().data() == blocks.back().data());
  for (const mutable_bytes b : blocks) pool.release(b.data());
  CHECK(pool.held() == 0);
}

TEST_CASE("a pool keeps a bounded number of spare blocks") {
  pool_storage pool(256, 10'000);
  std::vector<mutable_bytes> blocks;
  for (std::size_t i = 0; i < 2 * pool_storage::spare_max; ++i) blocks.push_back(pool.acquire());
  for (const mutable_bytes b : blocks) pool.release(b.data());
  CHECK(pool.held() == 0);
}
