// The loop's blocks for incoming bytes: one is enough for all streams, as long as nobody takes it.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>
#include <utility>

namespace drywire {

class block_pool;

/// A block of a pool, owned: gives it back when it dies. Move-only. The pool outlives it.
class block {
 public:
  block() = default;
  block(block&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), memory_(std::exchange(other.memory_, {})) {}
  block& operator=(block&& other) noexcept;
  ~block();

  [[nodiscard]] explicit operator bool() const noexcept { return pool_ != nullptr; }
  /// The whole block.
  [[nodiscard]] mutable_bytes memory() const noexcept { return memory_; }

 private:
  friend class block_pool;
  block(block_pool& pool, mutable_bytes memory) noexcept : pool_(&pool), memory_(memory) {}

  block_pool* pool_ = nullptr;
  mutable_bytes memory_;
};

/// A free list of blocks of one size. One thread. Blocks that are given back are kept, up to
/// `spare_max` of them.
class block_pool {
 public:
  static constexpr std::size_t block_size = 64 * 1024;
  static constexpr std::size_t spare_max = 64;

  block_pool() = default;
  block_pool(const block_pool&) = delete;
  block_pool& operator=(const block_pool&) = delete;
  /// Precondition: every block has been given back.
  ~block_pool();

  /// An empty block when memory has run out.
  [[nodiscard]] block acquire() noexcept;
  /// Blocks that somebody holds now.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }

 private:
  friend class block;
  struct spare_block {
    spare_block* next;
  };
  void give_back(mutable_bytes memory) noexcept;

  spare_block* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t held_ = 0;
};

/// Bytes that the loop lends for the time of one on_data call.
class lent_buffer {
 public:
  /// `lender` holds the bytes and is emptied by take(); the loop draws another block then.
  lent_buffer(block& lender, mutable_bytes bytes) noexcept : lender_(&lender), bytes_(bytes) {}
  lent_buffer(const lent_buffer&) = delete;
  lent_buffer& operator=(const lent_buffer&) = delete;

  /// What was received; never empty. Dead when on_data returns, unless the block was taken. May be
  /// written to.
  [[nodiscard]] mutable_bytes bytes() const noexcept { return bytes_; }

  /// The block itself, to keep: bytes() then stays valid for as long as the block is held.
  /// Precondition: not taken before.
  [[nodiscard]] block take() noexcept { return std::move(*lender_); }

 private:
  block* lender_;
  mutable_bytes bytes_;
};

}  // namespace drywire
