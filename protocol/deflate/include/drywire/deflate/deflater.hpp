// Raw deflate (RFC 1951), in pieces of any size: zlib's deflate with memory from a storage.
//
// For protocols whose compression is a part of theirs, such as WebSocket's permessage-deflate.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/deflate/block_arena.hpp>
#include <drywire/deflate/inflater.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::deflate {

/// Blocks of deflate_block_bytes() that a deflater holds.
inline constexpr std::size_t deflate_blocks = 2;

/// The size of block of which a deflater needs two, and an inflater with the same window one, so
/// that both can share a storage. A half of the deflater's memory is the window, twice its size,
/// and as much again finds matches in it; the rest is less than 16 KiB a block. With smaller blocks
/// every stream answers no_memory.
[[nodiscard]] constexpr std::size_t deflate_block_bytes(int window_bits = window_bits_max) {
  return (std::size_t{2} << (window_bits < 9 ? 9 : window_bits)) + 16 * 1024;
}

/// One deflate stream after the other, none of which ends: what a flush has completed can be
/// decoded. Holds memory from the first byte of a stream until release(). Immovable, one thread.
class deflater {
 public:
  enum class flush : std::uint8_t {
    none,  ///< what was consumed may come out later
    sync,  ///< all of it comes out, then an empty block without compression: 00 00 FF FF
  };
  enum class state : std::uint8_t {
    done,       ///< all input was consumed, and has come out if that was asked for
    full,       ///< there is more: call again with the rest, the same flush, and room
    no_memory,  ///< the storage had no block. For good, until release()
  };
  /// With less a flush would never end: each call would begin an empty block that doesn't fit.
  static constexpr std::size_t room_bytes_min = 8;

  struct step {
    std::size_t consumed;  ///< bytes from the front of the input
    std::size_t produced;  ///< bytes at the front of the output
    state what;
  };

  /// Precondition: window_bits_min <= window_bits <= window_bits_max; level is 1 to 9, fast to
  /// small. A window of 8 bits is kept by one of 9, in which zlib refers back by 250 at most.
  deflater(storage& memory, int window_bits, int level) noexcept
      : arena_(memory), window_bits_(window_bits), level_(level) {}
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;
  ~deflater() { release(); }

  /// Consumes and produces what it can. A flush that the room cuts short may write two empty blocks
  /// in the end. Precondition: `out` has at least room_bytes_min.
  [[nodiscard]] step deflate(const_bytes in, mutable_bytes out, flush f) noexcept;

  /// What follows begins a stream that refers to nothing before it. Keeps the memory. Behind a
  /// flush that is done the two streams may be joined: a decoder sees one.
  void reset() noexcept;

  /// reset(), and gives all memory back.
  void release() noexcept;

 private:
  struct engine;

  bool start() noexcept;

  block_arena arena_;
  engine* engine_ = nullptr;  // in the arena
  int window_bits_;
  int level_;
};

}  // namespace drywire::deflate
