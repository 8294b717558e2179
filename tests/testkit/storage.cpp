#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace drywire;

TEST_CASE("a test storage counts, has a cap and refuses the request that it was told to") {
  testkit::heap_storage memory(128, 3);
  const mutable_bytes a = memory.acquire();
  CHECK(a.size() == 128);
  memory.refuse(2);
  const mutable_bytes b = memory.acquire();
  CHECK(!b.empty());
  CHECK(memory.acquire().empty());
  CHECK(!memory.acquire().empty());
  CHECK(memory.acquire().empty());
  CHECK(memory.in_use() == 3);
  memory.release(a.data());
  memory.release(b.data());
  CHECK(memory.in_use() == 1);
  CHECK(memory.in_use_most() == 3);
  CHECK(memory.requests() == 5);
}
