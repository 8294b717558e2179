#include <drywire/deflate/block_arena.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstring>
#include <vector>

using namespace drywire;
using deflate::block_arena;
using testkit::heap_storage;

TEST_CASE("pieces share a block as long as there is room") {
  heap_storage memory(1024);
  block_arena arena(memory);
  CHECK(memory.requests() == 0);
  std::vector<void*> pieces;
  for (int i = 0; i < 3; ++i) {
    pieces.push_back(arena.allocate(300));
    REQUIRE(pieces.back() != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(pieces.back()) % block_arena::alignment == 0);
    std::memset(pieces.back(), i, 300);  // A sanitizer sees a piece that leaves its block.
  }
  CHECK(memory.in_use() == 1);
  pieces.push_back(arena.allocate(300));
  CHECK(memory.in_use() == 2);

  void* const small = arena.allocate(16);  // Fits into either; no third block for it.
  CHECK(small != nullptr);
  CHECK(memory.in_use() == 2);
  for (unsigned char i = 0; i < 3; ++i) CHECK(*static_cast<unsigned char*>(pieces[i]) == i);
}

TEST_CASE("a block goes back with its last piece") {
  heap_storage memory(1024);
  block_arena arena(memory);
  void* const a = arena.allocate(400);
  void* const b = arena.allocate(400);
  void* const c = arena.allocate(400);
  REQUIRE(c != nullptr);
  CHECK(memory.in_use() == 2);
  arena.free(a);
  CHECK(memory.in_use() == 2);
  arena.free(b);
  CHECK(memory.in_use() == 1);
  arena.free(c);
  CHECK(memory.in_use() == 0);
}

TEST_CASE("clear and the end give all blocks back") {
  heap_storage memory(1024);
  {
    block_arena arena(memory);
    for (int i = 0; i < 5; ++i) REQUIRE(arena.allocate(900) != nullptr);
    CHECK(memory.in_use() == 5);
    arena.clear();
    CHECK(memory.in_use() == 0);
    REQUIRE(arena.allocate(1) != nullptr);
  }
  CHECK(memory.in_use() == 0);
}

TEST_CASE("a piece that no block could hold is refused without asking for one") {
  heap_storage memory(1024);
  block_arena arena(memory);
  CHECK(arena.allocate(1024) == nullptr);
  CHECK(arena.allocate(SIZE_MAX) == nullptr);
  CHECK(memory.requests() == 0);
  CHECK(arena.allocate(1024 - block_arena::block_overhead) != nullptr);

  heap_storage tiny(8);
  block_arena none(tiny);
  CHECK(none.allocate(1) == nullptr);
  CHECK(tiny.requests() == 0);
}

TEST_CASE("no block left is null, and what is out stays") {
  heap_storage memory(1024, 1);
  block_arena arena(memory);
  void* const a = arena.allocate(900);
  REQUIRE(a != nullptr);
  CHECK(arena.allocate(900) == nullptr);
  arena.free(a);
  CHECK(arena.allocate(900) != nullptr);
}
