#include <drywire/deflate/content_decoder.hpp>

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace drywire::deflate {

namespace {

// The ratio is held to at this grain: what lies between two multiples of it may come in any order.
constexpr std::uint64_t grain = 1024;

constexpr std::uint64_t rounded_up(std::uint64_t bytes) noexcept {
  return (bytes + grain - 1) / grain * grain;
}

}  // namespace

content_decoder::content_decoder(storage& memory, coding c, const limits& l) noexcept
    : inflater_(memory), limits_(l), coding_(c) {}

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
  const bool whole = part_ == part::end || part_ == part::member_end || taken_ == 0;
  if (!failed_ && !whole) fail(fault::truncated);
  return failed_;
}

// False if there is nothing to do without more input, or more room.
bool content_decoder::read_body(const_bytes& in, mutable_bytes& out) noexcept {
  const const_bytes fed = portion(in);
  if (out.empty() || (fed.empty() && drained_)) return false;
  const std::uint64_t ratio_bound_now = ratio_bound(fed);
  const std::uint64_t left = std::min(limits_.output_bytes_max, ratio_bound_now) - produced_;
  // At a limit, whether there is one more byte can only be seen by decoding it.
  std::byte beyond{};
  const mutable_bytes room =
      left == 0 ? mutable_bytes(&beyond, 1)
                : out.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size())));
  const inflater::step step = inflater_.inflate(fed, room);
  in = in.subspan(step.consumed);
  taken_ += step.consumed;
  drained_ = step.what != inflater::state::full;
  if (left == 0 && step.produced != 0) {
    fail(produced_ == limits_.output_bytes_max ? fault::size_exceeded : fault::ratio_exceeded);
    return true;
  }
  keep(room.first(step.produced));
  out = out.subspan(step.produced);
  switch (step.what) {
    case inflater::state::more:
    case inflater::state::full: break;
    case inflater::state::end: end_body(); break;
    case inflater::state::corrupt: fail(fault::bad_data); break;
    case inflater::state::no_memory: fail(fault::no_memory); break;
  }
  return true;
}

// No portion goes past a multiple of the grain before all that it means has come out. Thus which
// bound a decoded byte has doesn't depend on how the input was cut.
const_bytes content_decoder::portion(const_bytes in) const noexcept {
  const std::uint64_t left = rounded_up(taken_ + (drained_ ? 1 : 0)) - taken_;
  return in.first(static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), left)));
}

std::uint64_t content_decoder::ratio_bound(const_bytes fed) const noexcept {
  const std::uint64_t encoded = rounded_up(taken_ + fed.size());
  const std::uint64_t factor = std::max<std::uint64_t>(limits_.ratio_max, 1);
  if (encoded > std::numeric_limits<std::uint64_t>::max() / factor) return limits_.output_bytes_max;
  return std::max(encoded * factor, limits_.ratio_free_bytes);
}

void content_decoder::keep(const_bytes decoded) noexcept {
  const auto* const bytes = reinterpret_cast<const Bytef*>(decoded.data());
  const auto size = static_cast<std::uint32_t>(decoded.size());
  produced_ += decoded.size();
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
