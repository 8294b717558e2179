#include <drywire/deflate/inflater.hpp>

#define ZLIB_CONST  // It doesn't write to its input, and says so then.
#include <zlib.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>

namespace drywire::deflate {

struct inflater::engine {
  z_stream stream{};
};

namespace {

voidpf allocate(voidpf arena, uInt count, uInt bytes) {
  return static_cast<block_arena*>(arena)->allocate(std::size_t{count} * bytes);
}

void free_piece(voidpf arena, voidpf piece) { static_cast<block_arena*>(arena)->free(piece); }

uInt length(std::size_t bytes) noexcept {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

inflater::state state_of(int result, bool full) noexcept {
  switch (result) {
    case Z_STREAM_END: return inflater::state::end;
    case Z_MEM_ERROR: return inflater::state::no_memory;
    case Z_OK:
    case Z_BUF_ERROR: return full ? inflater::state::full : inflater::state::more;
    default: return inflater::state::corrupt;  // Z_DATA_ERROR: the only other one that it has here
  }
}

}  // namespace

inflater::step inflater::inflate(const_bytes in, mutable_bytes out) noexcept {
  if (out.empty()) return {0, 0, state::full};
  if (engine_ == nullptr && !start()) return {0, 0, state::no_memory};
  z_stream& z = engine_->stream;
  std::byte none{};
  z.next_in = reinterpret_cast<const Bytef*>(in.empty() ? &none : in.data());  // never null
  z.avail_in = length(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = length(out.size());
  const uInt offered = z.avail_in;
  const uInt room = z.avail_out;
  const int result = ::inflate(&z, Z_NO_FLUSH);
  return {offered - z.avail_in, room - z.avail_out, state_of(result, z.avail_out == 0)};
}

void inflater::reset() noexcept {
  if (engine_ != nullptr) inflateReset(&engine_->stream);
}

void inflater::release() noexcept {
  engine_ = nullptr;
  arena_.clear();
}

bool inflater::start() noexcept {
  assert(window_bits_ >= window_bits_min && window_bits_ <= window_bits_max);
  void* const memory = arena_.allocate(sizeof(engine));
  if (memory == nullptr) return false;
  engine_ = new (memory) engine;
  engine_->stream.zalloc = allocate;
  engine_->stream.zfree = free_piece;
  engine_->stream.opaque = &arena_;
  // Negative: no header. The window comes when it is needed first.
  if (inflateInit2(&engine_->stream, -window_bits_) == Z_OK) return true;
  release();
  return false;
}

}  // namespace drywire::deflate
