// Bytes that a machine hasn't taken yet, in the order they came.
//
// What is large keeps the loop's own block; what is small is copied, so that a connection that
// waits with a few bytes doesn't hold 64 KiB.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/loop/block_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace drywire {

class kept_input {
 public:
  /// Rests of this size and above keep their block.
  static constexpr std::size_t copied_bytes_max = 8 * 1024;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Keeps `rest`, bytes of `lent`; nothing happens if it is empty.
  void keep(lent_buffer& lent, mutable_bytes rest);

  /// Keeps the block of `lent`, whatever the size of `rest`: its bytes stay where they are until
  /// free_dropped(), those before `rest`, too. Precondition: empty().
  void hold(lent_buffer& lent, mutable_bytes rest);
  /// Gives back the block of what hold() kept, if it is small. Precondition: nothing points into
  /// it.
  void compact() noexcept;

  /// The oldest bytes, in one piece; empty when nothing is kept.
  [[nodiscard]] mutable_bytes front() noexcept;

  /// The first `n` bytes of front() are taken. They stay where they are until free_dropped():
  /// output may still borrow from them.
  void drop(std::size_t n) noexcept;

  [[nodiscard]] bool has_dropped() const noexcept { return dropped_ != 0; }
  /// Gives back the memory of which all was dropped.
  void free_dropped() noexcept;
  /// Holds no memory at all from here on, if nothing is kept: for who may be idle for long.
  void trim() noexcept;

  void clear() noexcept;

 private:
  struct chunk {
    block held;                     // either this
    std::vector<std::byte> copied;  // or this holds the bytes
    mutable_bytes left;
  };

  // Small rests share as much memory: a vector for each would be a hundred times its byte.
  static constexpr std::size_t shared_bytes = 1024;

  bool append(const_bytes rest) noexcept;

  std::vector<chunk> chunks_;
  std::uint32_t dropped_ = 0;  // the first ones, of which nothing is left
  std::uint32_t size_ = 0;
};

}  // namespace drywire
