#include "message_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace drywire::websocket {

namespace {

// How much of `bytes` may stand where `text` is; feeds it that much.
std::size_t feed(utf8_validator& text, const_bytes bytes) noexcept {
  const utf8_validator before = text;
  if (text.feed(bytes)) return bytes.size();
  text = before;
  std::size_t good = 0;
  while (text.feed(bytes.subspan(good, 1))) ++good;
  return good;
}

// What is compressed is counted when it is not; but payload that comes to nothing isn't to come for
// ever. No compressor makes a message longer by as much as this allows.
std::uint64_t payload_bytes_max(const limits& l, bool compressed) noexcept {
  const std::uint64_t most = l.message_bytes_max;
  if (!compressed) return most;
  const std::uint64_t longer = most / 64 + std::uint64_t{64} * 1024;
  return most + std::min(longer, std::numeric_limits<std::uint64_t>::max() - most);
}

}  // namespace

std::optional<fault> message_reader::begin_frame(const frame_header& header,
                                                 const limits& l) noexcept {
  if (!std::exchange(open_, true)) {
    kind_ = header.opcode == opcode::text ? kind::text : kind::binary;
    compressed_ = header.compressed;
    told_ = false;
    size_ = fragments_ = 0;
  }
  if (header.length < l.fragment_free_bytes && ++fragments_ > l.fragments_max) {
    return fault::too_many_fragments;
  }
  const std::uint64_t most = payload_bytes_max(l, compressed_);
  if (header.length > most - size_) return fault::message_too_big;
  size_ += header.length;
  return std::nullopt;
}

std::optional<message> message_reader::read(const_bytes bytes, bool last) noexcept {
  if (kind_ == kind::text) {
    const std::size_t good = feed(text_, bytes);
    wrong_ = good < bytes.size() || (last && !text_.complete());
    bytes = bytes.first(good);
    last = last && !wrong_;
  }
  if (bytes.empty() && !last) return std::nullopt;
  if (last) open_ = false;
  return message{bytes, kind_, !std::exchange(told_, true), last};
}

}  // namespace drywire::websocket
