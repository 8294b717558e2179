#include "frame_writer.hpp"

#include <algorithm>
#include <array>

namespace drywire::websocket {

errc frame_writer::add(frame_header header, const_bytes payload, lifetime life) noexcept {
  if (payload.size() <= control_bytes_max) return add_short(header, payload);
  header = prepare(header);
  header.length = payload.size();
  const output_queue::mark before = queue_.here();
  std::array<std::byte, frame_header_bytes_max> head;
  const std::size_t size = write_header(header, head);
  errc done = queue_.copy(const_bytes(head).first(size));
  if (done == errc::ok) {
    done = masks() ? add_masked(payload, header.key) : queue_.add(payload, life);
  }
  if (done != errc::ok) queue_.rollback(before);
  return done;
}

// One run of the queue takes less than two do, and less than a record of bytes elsewhere.
errc frame_writer::add_short(const frame_header& header, const_bytes payload) noexcept {
  const mutable_bytes room = queue_.reserve(2 + sizeof(masking_key) + payload.size());
  if (room.empty()) return errc::no_memory;
  queue_.commit(write(header, payload, room));
  return errc::ok;
}

std::size_t frame_writer::write(frame_header header, const_bytes payload,
                                mutable_bytes to) noexcept {
  header = prepare(header);
  header.length = payload.size();
  const std::size_t size = write_header(header, to);
  if (masks()) {
    mask_copy(payload, to.subspan(size), header.key, 0);
  } else {
    std::ranges::copy(payload, to.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return size + payload.size();
}

frame_header frame_writer::prepare(frame_header header) noexcept {
  header.masked = masks();
  if (masks()) keys_->fill(header.key);
  return header;
}

errc frame_writer::add_masked(const_bytes payload, masking_key key) noexcept {
  for (std::size_t at = 0; at < payload.size();) {
    const mutable_bytes room = queue_.reserve(1);
    if (room.empty()) return errc::no_memory;
    const std::size_t n = std::min(room.size(), payload.size() - at);
    mask_copy(payload.subspan(at, n), room, key, at);
    queue_.commit(n);
    at += n;
  }
  return errc::ok;
}

}  // namespace drywire::websocket
