#include <drywire/loop/block_pool.hpp>

#include <cassert>
#include <new>

namespace drywire {

block& block::operator=(block&& other) noexcept {
  if (this != &other) {
    if (pool_ != nullptr) pool_->give_back(memory_);
    pool_ = std::exchange(other.pool_, nullptr);
    memory_ = std::exchange(other.memory_, {});
  }
  return *this;
}

block::~block() {
  if (pool_ != nullptr) pool_->give_back(memory_);
}

block_pool::~block_pool() {
  assert(held_ == 0 && "a block outlives its pool");
  while (spare_ != nullptr) ::operator delete(std::exchange(spare_, spare_->next));
}

block block_pool::acquire() noexcept {
  void* memory = spare_;
  if (memory != nullptr) {
    spare_ = spare_->next;
    --spare_count_;
  } else {
    memory = ::operator new(block_size, std::nothrow);
    if (memory == nullptr) return {};
  }
  ++held_;
  return {*this, {static_cast<std::byte*>(memory), block_size}};
}

void block_pool::give_back(mutable_bytes memory) noexcept {
  --held_;
  if (spare_count_ == spare_max) return ::operator delete(memory.data());
  spare_ = ::new (memory.data()) spare_block{spare_};
  ++spare_count_;
}

}  // namespace drywire
