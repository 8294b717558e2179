// Where a protocol's memory comes from: blocks of one size, lent by whoever runs it.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>

namespace drywire {

/// Fixed-size blocks, acquired and released. A protocol allocates nothing else, so that its memory
/// is arithmetic and running out is an ordinary answer. Used from one thread at a time; outlives
/// every machine that was made with it.
class storage {
 public:
  /// A block of block_size() bytes, aligned for any scalar type, its content unspecified; an empty
  /// span when there is none to be had.
  [[nodiscard]] virtual mutable_bytes acquire() noexcept = 0;

  /// Gives back a block by the address that acquire() returned.
  virtual void release(std::byte* block) noexcept = 0;

  /// Bytes in each block; the same for the whole life of the storage.
  [[nodiscard]] virtual std::size_t block_size() const noexcept = 0;

 protected:
  storage() = default;
  storage(const storage&) = default;
  storage& operator=(const storage&) = default;
  ~storage() = default;
};

}  // namespace drywire
