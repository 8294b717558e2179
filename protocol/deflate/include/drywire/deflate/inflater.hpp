// Raw deflate (RFC 1951) undone, in pieces of any size: zlib's inflate with memory from a storage.
//
// No header, no checksum, no limits: limited_inflater has those, and content_decoder all that a
// content coding has.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/deflate/block_arena.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::deflate {

/// log2 of the largest distance that a stream may refer back to.
inline constexpr int window_bits_min = 8;
inline constexpr int window_bits_max = 15;

/// The size of block in which everything fits that an inflater holds: the window, and less than
/// 8 KiB for the state with its tables (zlib 1.2.13: 7,200 bytes). Two blocks that hold the window
/// and a header do as well. With smaller ones every stream answers no_memory.
[[nodiscard]] constexpr std::size_t inflate_block_bytes(int window_bits = window_bits_max) {
  return (std::size_t{1} << window_bits) + 8 * 1024;
}

/// One deflate stream after the other. Holds memory from the first byte of a stream until
/// release(). Immovable, one thread.
class inflater {
 public:
  enum class state : std::uint8_t {
    more,       ///< room is left: all input was consumed, and more is wanted
    full,       ///< the room for output was used up; there may be more without more input
    end,        ///< behind the last block of the stream: input after it wasn't consumed
    corrupt,    ///< not a deflate stream, or it refers back too far. For good, until reset()
    no_memory,  ///< the storage had no block. For good, until release()
  };
  struct step {
    std::size_t consumed;  ///< bytes from the front of the input
    std::size_t produced;  ///< bytes at the front of the output, right whatever the state is
    state what;
  };

  /// Precondition: window_bits_min <= window_bits <= window_bits_max. A stream that refers back
  /// further is corrupt, unless it refers to what the same call has produced: that zlib lets pass.
  explicit inflater(storage& memory, int window_bits = window_bits_max) noexcept
      : arena_(memory), window_bits_(window_bits) {}
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() { release(); }

  /// Consumes and produces what it can. Without room nothing is consumed, and the state is `full`.
  [[nodiscard]] step inflate(const_bytes in, mutable_bytes out) noexcept;

  /// The next bytes begin a stream that refers to nothing before it. Keeps the memory.
  void reset() noexcept;

  /// Behind `end`: the next bytes begin a stream that may refer back to those before it.
  void continue_stream() noexcept;

  /// reset(), and gives all memory back.
  void release() noexcept;

  /// Whether what was consumed ends with a block, and that with its byte.
  [[nodiscard]] bool between_blocks() const noexcept { return between_blocks_; }

 private:
  struct engine;

  bool start() noexcept;

  block_arena arena_;
  engine* engine_ = nullptr;  // in the arena
  int window_bits_;
  bool between_blocks_ = true;
};

}  // namespace drywire::deflate
