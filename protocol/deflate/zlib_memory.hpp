// What zlib allocates, out of a block_arena, and what it reads and writes.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/deflate/block_arena.hpp>

#define ZLIB_CONST  // It doesn't write to its input, and says so then.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace drywire::deflate {

inline voidpf allocate_piece(voidpf arena, uInt count, uInt bytes) {
  return static_cast<block_arena*>(arena)->allocate(std::size_t{count} * bytes);
}

inline void free_piece(voidpf arena, voidpf piece) {
  static_cast<block_arena*>(arena)->free(piece);
}

inline void use_arena(z_stream& stream, block_arena& arena) noexcept {
  stream.zalloc = allocate_piece;
  stream.zfree = free_piece;
  stream.opaque = &arena;
}

/// As many of `bytes` as one call of zlib's takes.
inline uInt portion_length(std::size_t bytes) noexcept {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

/// What one call of zlib's is given.
struct portion {
  uInt in;
  uInt out;
};

inline portion lend(z_stream& stream, const_bytes in, mutable_bytes out) noexcept {
  static constexpr Bytef none = 0;
  stream.next_in = in.empty() ? &none : reinterpret_cast<const Bytef*>(in.data());  // never null
  stream.avail_in = portion_length(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = portion_length(out.size());
  return {stream.avail_in, stream.avail_out};
}

}  // namespace drywire::deflate
