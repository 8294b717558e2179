// A storage for tests: it counts, has a cap, and can refuse any one request.
#pragma once

#include <drywire/base/storage.hpp>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <unordered_map>
#include <utility>

namespace drywire::testkit {

/// Every block comes from the heap on its own, so that a sanitizer sees a step over its edge, and
/// is scribbled on when it comes and when it goes. Giving back what isn't out aborts the test.
class heap_storage final : public storage {
 public:
  explicit heap_storage(std::size_t block_bytes = 4096,
                        std::size_t blocks_max = std::numeric_limits<std::size_t>::max())
      : block_bytes_(block_bytes), blocks_max_(blocks_max) {}

  [[nodiscard]] mutable_bytes acquire() noexcept override {
    if (++requests_ == refused_request_ || in_use() == blocks_max_) return {};
    auto block = std::make_unique<std::byte[]>(block_bytes_);
    std::memset(block.get(), 0xA5, block_bytes_);
    const mutable_bytes bytes(block.get(), block_bytes_);
    out_.emplace(bytes.data(), std::move(block));
    if (in_use() > in_use_most_) in_use_most_ = in_use();
    return bytes;
  }

  void release(std::byte* block) noexcept override {
    const auto found = out_.find(block);
    if (found == out_.end()) std::abort();
    std::memset(block, 0x5A, block_bytes_);
    out_.erase(found);
  }

  [[nodiscard]] std::size_t block_size() const noexcept override { return block_bytes_; }

  /// From now on the n-th request (1 is the next one) finds no block; 0: none is refused.
  void refuse(std::size_t n) noexcept { refused_request_ = n == 0 ? 0 : requests_ + n; }
  /// Blocks that may be out at a time from now on.
  void cap(std::size_t blocks_max) noexcept { blocks_max_ = blocks_max; }

  [[nodiscard]] std::size_t in_use() const noexcept { return out_.size(); }
  /// The most blocks that were out at any one time.
  [[nodiscard]] std::size_t in_use_most() const noexcept { return in_use_most_; }
  /// Calls of acquire(), with those that were refused.
  [[nodiscard]] std::size_t requests() const noexcept { return requests_; }

 private:
  std::size_t block_bytes_;
  std::size_t blocks_max_;
  std::size_t refused_request_ = 0;
  std::size_t requests_ = 0;
  std::size_t in_use_most_ = 0;
  std::unordered_map<std::byte*, std::unique_ptr<std::byte[]>> out_;
};

}  // namespace drywire::testkit
