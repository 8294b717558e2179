#include "message_writer.hpp"

namespace drywire::websocket {

namespace {

opcode opcode_of(kind what) noexcept { return static_cast<opcode>(what); }
static_assert(static_cast<int>(kind::text) == static_cast<int>(opcode::text));
static_assert(static_cast<int>(kind::binary) == static_cast<int>(opcode::binary));

}  // namespace

errc message_writer::send(kind what, const_bytes bytes, lifetime life,
                          message_deflater* deflater) noexcept {
  if (what == kind::text && !is_utf8(bytes)) return errc::invalid_argument;
  frame_header header;
  header.opcode = opcode_of(what);
  return add(header, bytes, life, deflater);
}

void message_writer::start(kind what) noexcept {
  kind_ = what;
  open_ = true;
  begun_ = compressed_ = false;
}

errc message_writer::send_piece(const_bytes bytes, lifetime life,
                                message_deflater* deflater) noexcept {
  utf8_validator text = text_;
  if (kind_ == kind::text && !text.feed(bytes)) return errc::invalid_argument;
  frame_header header;
  header.opcode = begun_ ? opcode::continuation : opcode_of(kind_);
  header.fin = false;
  const errc done = add(header, bytes, life, may_compress() ? deflater : nullptr);
  if (done != errc::ok) return done;
  text_ = text;
  begun_ = true;
  return errc::ok;
}

errc message_writer::finish(message_deflater* deflater) noexcept {
  if (!text_.complete()) return errc::invalid_argument;
  frame_header header;
  header.opcode = begun_ ? opcode::continuation : opcode_of(kind_);
  const errc done = add(header, {}, lifetime::copied, compressed_ ? deflater : nullptr);
  if (done == errc::ok) open_ = false;
  return done;
}

errc message_writer::add(frame_header header, const_bytes bytes, lifetime life,
                         message_deflater* deflater) noexcept {
  if (deflater != nullptr) {
    switch (deflater->send(frames_.prepare(header), bytes, frames_.queue())) {
      case message_deflater::outcome::queued: compressed_ = true; return errc::ok;
      case message_deflater::outcome::no_memory: return errc::no_memory;
      case message_deflater::outcome::plain: break;
    }
  }
  return frames_.add(header, bytes, life);
}

}  // namespace drywire::websocket
