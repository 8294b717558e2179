// Memory for a library that wants some of any size, out of blocks that have one size.
#pragma once

#include <drywire/base/storage.hpp>

#include <cstddef>

namespace drywire::deflate {

/// Hands out pieces of a storage's blocks. A piece lies in one block, in the first that has room
/// behind its pieces; a block goes back with the last of its pieces. One thread.
class block_arena {
 public:
  /// What the arena keeps in each block; pieces are rounded up to multiples of `alignment`.
  static constexpr std::size_t block_overhead = 32;
  static constexpr std::size_t alignment = 16;

  explicit block_arena(storage& from) noexcept : storage_(from) {}
  block_arena(const block_arena&) = delete;
  block_arena& operator=(const block_arena&) = delete;
  /// Gives back what is still out: pieces needn't be freed before.
  ~block_arena() { clear(); }

  /// Uninitialised memory, aligned for any scalar type. Null when the storage has no block left,
  /// or none of its blocks could hold the piece.
  [[nodiscard]] void* allocate(std::size_t bytes) noexcept;
  /// Precondition: `piece` came from allocate() and is still out.
  void free(void* piece) noexcept;
  /// Frees all pieces at once.
  void clear() noexcept;

 private:
  struct block;

  block* acquire() noexcept;
  void release(block** link) noexcept;

  storage& storage_;
  block* first_ = nullptr;
};

}  // namespace drywire::deflate
