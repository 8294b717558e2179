#include "http1_body_reader.hpp"

#include <algorithm>

namespace drywire::http1 {

namespace {

// The first n bytes, or all if there are fewer, and `in` without them.
const_bytes take(const_bytes& in, std::uint64_t n) noexcept {
  const const_bytes taken =
      in.first(static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), n)));
  in = in.subspan(taken.size());
  return taken;
}

}  // namespace

body_reader::step body_reader::read(message_reader& message, const_bytes& in,
                                    const_bytes& piece) noexcept {
  if (exceeds()) return step::too_large;
  switch (how_) {
    case framing::length: return read_length(in, piece);
    case framing::chunked: return read_chunked(message, in, piece);
    case framing::close: return read_to_end(in, piece);
    case framing::none: break;
  }
  return step::end;
}

body_reader::step body_reader::read_length(const_bytes& in, const_bytes& piece) noexcept {
  if (in.empty()) return step::starved;
  piece = take(in, left_);
  left_ -= piece.size();
  if (left_ == 0) how_ = framing::none;
  return step::piece;
}

body_reader::step body_reader::read_chunked(message_reader& message, const_bytes& in,
                                            const_bytes& piece) noexcept {
  message_reader::step result = message.read_chunked(in);
  while (result == message_reader::step::chunk) {
    if (__builtin_add_overflow(announced_, message.chunk_bytes(), &announced_) || exceeds()) {
      return step::too_large;
    }
    result = message.read_chunked(in);
  }
  switch (result) {
    case message_reader::step::piece: piece = message.piece(); return step::piece;
    case message_reader::step::end:
      how_ = framing::none;
      return message.trailers().empty() ? step::end : step::trailers;
    case message_reader::step::failed: return step::failed;
    default: return step::starved;
  }
}

// RFC 9112 6.3: until the connection is closed, and only if it is closed in order.
body_reader::step body_reader::read_to_end(const_bytes& in, const_bytes& piece) noexcept {
  if (in.empty()) return step::starved;
  if (announced_ == limit_) return step::too_large;
  piece = take(in, limit_ - announced_);
  announced_ += piece.size();
  return step::piece;
}

}  // namespace drywire::http1
