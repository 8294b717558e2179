// Bytes on their way, in order: chunks of a pool that a network's connections share, so that an
// idle connection holds none.
#pragma once

#include <drywire/base/bytes.hpp>

#include <array>
#include <cstddef>

namespace drywire::sim {

struct chunk {
  static constexpr std::size_t size = 4096 - sizeof(void*);
  chunk* next = nullptr;
  std::array<std::byte, size> bytes;  // NOLINT(*-member-init): only what is used is written
};

class chunk_pool {
 public:
  chunk_pool() = default;
  chunk_pool(const chunk_pool&) = delete;
  chunk_pool& operator=(const chunk_pool&) = delete;
  ~chunk_pool();

  [[nodiscard]] chunk* acquire();
  void release(chunk* used) noexcept;
  /// Chunks in use.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }

 private:
  chunk* free_ = nullptr;
  std::size_t held_ = 0;
};

class byte_queue {
 public:
  explicit byte_queue(chunk_pool& pool) noexcept : pool_(pool) {}
  byte_queue(const byte_queue&) = delete;
  byte_queue& operator=(const byte_queue&) = delete;
  ~byte_queue() { clear(); }

  void append(const_bytes bytes);
  /// Precondition: so many are there.
  void take(mutable_bytes into) noexcept;
  void clear() noexcept;

 private:
  chunk_pool& pool_;
  chunk* first_ = nullptr;
  chunk* last_ = nullptr;
  std::size_t begin_ = 0;  // in the first chunk
  std::size_t end_ = 0;    // in the last one
};

}  // namespace drywire::sim
