#include <drywire/adapters/pool_storage.hpp>

#include <cassert>
#include <new>

namespace drywire {

pool_storage::~pool_storage() {
  assert(held_ == 0);
  while (spare_ != nullptr) {
    spare_block* block = spare_;
    spare_ = block->next;
    ::operator delete(block);
  }
}

mutable_bytes pool_storage::acquire() noexcept {
  if (held_ == blocks_max_) return {};
  void* memory = spare_;
  if (spare_ != nullptr) {
    spare_ = spare_->next;
    --spare_count_;
  } else {
    memory = ::operator new(block_size_, std::nothrow);
    if (memory == nullptr) return {};
  }
  ++held_;
  return {static_cast<std::byte*>(memory), block_size_};
}

void pool_storage::release(std::byte* block) noexcept {
  --held_;
  if (spare_count_ == spare_max) {
    ::operator delete(block);
    return;
  }
  spare_ = ::new (static_cast<void*>(block)) spare_block{spare_};
  ++spare_count_;
}

}  // namespace drywire
