#include "byte_queue.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace drywire::sim {

chunk_pool::~chunk_pool() {
  assert(held_ == 0);
  while (free_ != nullptr) delete std::exchange(free_, free_->next);
}

chunk* chunk_pool::acquire() {
  ++held_;
  chunk* taken = free_ != nullptr ? std::exchange(free_, free_->next) : new chunk;
  taken->next = nullptr;
  return taken;
}

void chunk_pool::release(chunk* used) noexcept {
  --held_;
  used->next = std::exchange(free_, used);
}

void byte_queue::append(const_bytes bytes) {
  while (!bytes.empty()) {
    if (last_ == nullptr || end_ == chunk::size) {
      chunk* more = pool_.acquire();
      (last_ != nullptr ? last_->next : first_) = more;
      last_ = more;
      end_ = 0;
    }
    const std::size_t n = std::min(bytes.size(), chunk::size - end_);
    std::memcpy(last_->bytes.data() + end_, bytes.data(), n);
    end_ += n;
    bytes = bytes.subspan(n);
  }
}

void byte_queue::take(mutable_bytes into) noexcept {
  while (!into.empty()) {
    assert(first_ != nullptr);
    const std::size_t there = (first_ == last_ ? end_ : chunk::size) - begin_;
    const std::size_t n = std::min(into.size(), there);
    std::memcpy(into.data(), first_->bytes.data() + begin_, n);
    begin_ += n;
    into = into.subspan(n);
    if (n != there) continue;
    pool_.release(std::exchange(first_, first_->next));
    begin_ = 0;
    if (first_ == nullptr) last_ = nullptr;
  }
}

void byte_queue::clear() noexcept {
  while (first_ != nullptr) pool_.release(std::exchange(first_, first_->next));
  last_ = nullptr;
  begin_ = end_ = 0;
}

}  // namespace drywire::sim
