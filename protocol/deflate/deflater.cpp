#include "zlib_memory.hpp"

#include <drywire/deflate/deflater.hpp>

#include <cassert>
#include <new>

namespace drywire::deflate {

namespace {

// zlib's memLevel: 8 KiB to find matches by and 8 KiB for symbols. 8, its default, takes 64 KiB
// each, of which a half is cleared for each stream; it gains 3 % at level 1, and nothing at 6.
constexpr int memory_level = 5;

}  // namespace

struct deflater::engine {
  z_stream stream{};
};

deflater::step deflater::deflate(const_bytes in, mutable_bytes out, flush f) noexcept {
  assert(out.size() >= room_bytes_min);
  if (engine_ == nullptr && !start()) return {0, 0, state::no_memory};
  z_stream& z = engine_->stream;
  const portion given = lend(z, in, out);
  const bool all = given.in == in.size();
  // Never fails: without anything to do it says Z_BUF_ERROR.
  static_cast<void>(::deflate(&z, f == flush::sync && all ? Z_SYNC_FLUSH : Z_NO_FLUSH));
  return {given.in - z.avail_in, given.out - z.avail_out,
          all && z.avail_out != 0 ? state::done : state::full};
}

void deflater::reset() noexcept {
  if (engine_ != nullptr) deflateReset(&engine_->stream);
}

void deflater::release() noexcept {
  engine_ = nullptr;
  arena_.clear();
}

bool deflater::start() noexcept {
  assert(window_bits_ >= window_bits_min && window_bits_ <= window_bits_max);
  assert(level_ >= 1 && level_ <= 9);
  void* const memory = arena_.allocate(sizeof(engine));
  if (memory == nullptr) return false;
  engine_ = new (memory) engine;
  use_arena(engine_->stream, arena_);
  // Negative: no header. zlib refuses 8; with 9 it looks back by 512 less the 262 bytes that it
  // wants to see ahead, which is within 256.
  const int bits = window_bits_ == 8 ? 9 : window_bits_;
  if (deflateInit2(&engine_->stream, level_, Z_DEFLATED, -bits, memory_level, Z_DEFAULT_STRATEGY) ==
      Z_OK) {
    return true;
  }
  release();
  return false;
}

}  // namespace drywire::deflate
