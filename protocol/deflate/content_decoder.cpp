#include <drywire/deflate/content_decoder.hpp>

#include <zlib.h>

namespace drywire::deflate {

content_decoder::content_decoder(storage& memory, coding c, const limits& l) noexcept
    : inflater_(memory, window_bits_max, l), coding_(c) {}

content_decoder::progress content_decoder::decode(const_bytes in, mutable_bytes out) noexcept {
  const std::size_t offered = in.size();
  const std::size_t room = out.size();
  while (!failed_) {
    if (part_ == part::body) {
      if (!read_body(in, out)) break;
    } else if (in.empty()) {
      break;
    } else if (part_ == part::begin) {
      begin(in.front());
    } else {
      read_frame(in.front());
      in = in.subspan(1);
    }
  }
  return {offered - in.size(), room - out.size(), failed_};
}

std::optional<fault> content_decoder::finish() noexcept {
  const bool whole = part_ == part::end || part_ == part::member_end || inflater_.encoded() == 0;
  if (!failed_ && !whole) fail(fault::truncated);
  return failed_;
}

// False if there is nothing to do without more input, or more room.
bool content_decoder::read_body(const_bytes& in, mutable_bytes& out) noexcept {
  if (out.empty() || (in.empty() && inflater_.drained())) return false;
  const limited_inflater::step step = inflater_.inflate(in, out);
  in = in.subspan(step.consumed);
  keep(out.first(step.produced));
  out = out.subspan(step.produced);
  using state = limited_inflater::state;
  switch (step.what) {
    case state::more:
    case state::full: break;
    case state::end: end_body(); break;
    case state::corrupt: fail(fault::bad_data); break;
    case state::size_exceeded: fail(fault::size_exceeded); break;
    case state::ratio_exceeded: fail(fault::ratio_exceeded); break;
    case state::no_memory: fail(fault::no_memory); break;
  }
  return true;
}

void content_decoder::keep(const_bytes decoded) noexcept {
  const auto* const bytes = reinterpret_cast<const Bytef*>(decoded.data());
  const auto size = static_cast<std::uint32_t>(decoded.size());
  member_bytes_ += size;
  switch (format_) {
    case format::gzip: checksum_ = static_cast<std::uint32_t>(crc32(checksum_, bytes, size)); break;
    case format::zlib:
      checksum_ = static_cast<std::uint32_t>(adler32(checksum_, bytes, size));
      break;
    case format::raw: break;
  }
}

void content_decoder::fail(fault f) noexcept {
  failed_ = f;
  inflater_.release();
}

}  // namespace drywire::deflate
