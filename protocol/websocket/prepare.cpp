#include <drywire/deflate/deflater.hpp>
#include <drywire/websocket/frame.hpp>

#include <algorithm>
#include <cassert>

namespace drywire::websocket {

namespace {

frame_header header_of(kind what, std::size_t payload_bytes) noexcept {
  frame_header header;
  header.opcode = static_cast<opcode>(what);
  header.length = payload_bytes;
  return header;
}

// What each message's payload loses at its end, RFC 7692 7.2.1.
constexpr std::size_t tail_bytes = 4;

}  // namespace

const_bytes prepare(kind what, const_bytes message, mutable_bytes to) noexcept {
  assert(prepared_bytes(message.size()) <= to.size());
  const std::size_t size = write_header(header_of(what, message.size()), to);
  std::ranges::copy(message, to.begin() + static_cast<std::ptrdiff_t>(size));
  return to.first(size + message.size());
}

const_bytes prepare_deflated(kind what, const_bytes message, deflate::deflater& with,
                             mutable_bytes to) noexcept {
  constexpr std::size_t room_min = frame_header_bytes_max + deflate::deflater::room_bytes_min;
  if (message.empty() || to.size() < room_min) return {};
  with.reset();
  // The header is written last, so that it ends where the payload begins.
  const auto done =
      with.deflate(message, to.subspan(frame_header_bytes_max), deflate::deflater::flush::sync);
  if (done.what != deflate::deflater::state::done) return {};
  frame_header header = header_of(what, done.produced - tail_bytes);
  header.compressed = true;
  const std::size_t begin = frame_header_bytes_max - header_bytes(header);
  const std::size_t size = write_header(header, to.subspan(begin));
  return to.subspan(begin, size + done.produced - tail_bytes);
}

}  // namespace drywire::websocket
