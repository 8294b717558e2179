// Our messages, whole or in pieces: one frame for each, compressed if that was agreed on.
//
// Whether a wish is in turn, and whether there is room for it, the endpoint knows; every call here
// queues all that it has to, or nothing.
#pragma once

#include "frame_writer.hpp"
#include "message_deflater.hpp"

#include <drywire/websocket/utf8.hpp>

namespace drywire::websocket {

class message_writer {
 public:
  message_writer(output_queue& queue, entropy* keys) noexcept : frames_(queue, keys) {}

  /// `deflater` null: nothing is compressed. invalid_argument: text that isn't UTF-8. no_memory.
  errc send(kind what, const_bytes bytes, lifetime life, message_deflater* deflater) noexcept;
  void start(kind what) noexcept;
  errc send_piece(const_bytes bytes, lifetime life, message_deflater* deflater) noexcept;
  errc finish(message_deflater* deflater) noexcept;

  /// A message was started and isn't finished.
  [[nodiscard]] bool open() const noexcept { return open_; }
  /// ... and compressed frames of it have been queued.
  [[nodiscard]] bool compresses() const noexcept { return open_ && compressed_; }
  /// Whether the next frame of it may be compressed: what began plain goes on so.
  [[nodiscard]] bool may_compress() const noexcept { return !begun_ || compressed_; }
  [[nodiscard]] frame_writer& frames() noexcept { return frames_; }

 private:
  errc add(frame_header header, const_bytes bytes, lifetime life,
           message_deflater* deflater) noexcept;

  frame_writer frames_;
  utf8_validator text_;  // complete between two messages
  kind kind_ = kind::text;
  bool open_ = false;
  bool begun_ = false;       // a frame of it was queued
  bool compressed_ = false;  // ... with RSV1
};

}  // namespace drywire::websocket
