#include <drywire/deflate/block_arena.hpp>

#include <cassert>
#include <functional>
#include <new>

namespace drywire::deflate {

// The begin of each block; its pieces follow.
struct alignas(block_arena::alignment) block_arena::block {
  block* next;
  std::size_t used;    // bytes from the begin, with this header
  std::size_t pieces;  // that are out

  std::byte* begin() noexcept { return reinterpret_cast<std::byte*>(this); }
};

void* block_arena::allocate(std::size_t bytes) noexcept {
  static_assert(sizeof(block) <= block_overhead);
  const std::size_t block_size = storage_.block_size();
  if (block_size < sizeof(block) || bytes > block_size - sizeof(block)) return nullptr;
  block* b = first_;
  while (b != nullptr && block_size - b->used < bytes) b = b->next;
  if (b == nullptr) b = acquire();
  if (b == nullptr) return nullptr;
  std::byte* const piece = b->begin() + b->used;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  b->used = rounded < block_size - b->used ? b->used + rounded : block_size;
  ++b->pieces;
  return piece;
}

void block_arena::free(void* piece) noexcept {
  const std::less<const std::byte*> before;
  const auto* const at = static_cast<const std::byte*>(piece);
  block** link = &first_;
  while (before(at, (*link)->begin()) || !before(at, (*link)->begin() + (*link)->used)) {
    link = &(*link)->next;
    assert(*link != nullptr);
  }
  if (--(*link)->pieces == 0) release(link);
}

void block_arena::clear() noexcept {
  while (first_ != nullptr) release(&first_);
}

block_arena::block* block_arena::acquire() noexcept {
  const mutable_bytes memory = storage_.acquire();
  if (memory.empty()) return nullptr;
  return first_ = new (memory.data()) block{first_, sizeof(block), 0};
}

void block_arena::release(block** link) noexcept {
  std::byte* const gone = (*link)->begin();
  *link = (*link)->next;
  storage_.release(gone);
}

}  // namespace drywire::deflate
