#include "zlib_memory.hpp"

#include <drywire/deflate/inflater.hpp>

#include <cassert>
#include <new>

namespace drywire::deflate {

struct inflater::engine {
  z_stream stream{};
};

namespace {

// What zlib.h says of inflate's data_type: the bits of the last byte that weren't used yet, and 128
// behind the end of a block.
bool at_boundary(int data_type) noexcept { return (data_type & (128 | 63)) == 128; }

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
  const portion given = lend(z, in, out);
  const int result = ::inflate(&z, Z_NO_FLUSH);
  const step done{given.in - z.avail_in, given.out - z.avail_out,
                  state_of(result, z.avail_out == 0)};
  // A call for which there was nothing to do forgets where it stands.
  if (done.consumed + done.produced != 0) between_blocks_ = at_boundary(z.data_type);
  return done;
}

void inflater::reset() noexcept {
  between_blocks_ = true;
  if (engine_ != nullptr) inflateReset(&engine_->stream);
}

void inflater::continue_stream() noexcept {
  between_blocks_ = true;
  if (engine_ != nullptr) inflateResetKeep(&engine_->stream);
}

void inflater::release() noexcept {
  between_blocks_ = true;
  engine_ = nullptr;
  arena_.clear();
}

bool inflater::start() noexcept {
  assert(window_bits_ >= window_bits_min && window_bits_ <= window_bits_max);
  void* const memory = arena_.allocate(sizeof(engine));
  if (memory == nullptr) return false;
  engine_ = new (memory) engine;
  use_arena(engine_->stream, arena_);
  // Negative: no header. The window comes when it is needed first.
  if (inflateInit2(&engine_->stream, -window_bits_) == Z_OK) return true;
  release();
  return false;
}

}  // namespace drywire::deflate
