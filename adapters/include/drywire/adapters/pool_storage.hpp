// The storage of the servers and clients of one loop: blocks kept for the next connection.
#pragma once

#include <drywire/base/storage.hpp>

#include <cstddef>

namespace drywire {

/// Blocks from the heap, at most `blocks_max` of them at a time; those given back are kept for
/// later, up to `spare_max`. One thread. Machines that get none say so to their peers (503), so the
/// limit bounds what slow clients can make a loop hold.
class pool_storage final : public storage {
 public:
  static constexpr std::size_t spare_max = 256;

  pool_storage(std::size_t block_size, std::size_t blocks_max) noexcept
      : block_size_(block_size), blocks_max_(blocks_max) {}
  pool_storage(const pool_storage&) = delete;
  pool_storage& operator=(const pool_storage&) = delete;
  /// Precondition: every block was released.
  ~pool_storage();

  [[nodiscard]] mutable_bytes acquire() noexcept override;
  void release(std::byte* block) noexcept override;
  [[nodiscard]] std::size_t block_size() const noexcept override { return block_size_; }

  /// Blocks that are out now.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }

 private:
  struct spare_block {
    spare_block* next;
  };

  std::size_t block_size_;
  std::size_t blocks_max_;
  std::size_t held_ = 0;
  std::size_t spare_count_ = 0;
  spare_block* spare_ = nullptr;
};

}  // namespace drywire
