// Frames into the output queue, each whole or not at all; a client's masked on the way.
#pragma once

#include <drywire/base/entropy.hpp>
#include <drywire/protocol/output_queue.hpp>
#include <drywire/websocket/frame.hpp>

namespace drywire::websocket {

class frame_writer {
 public:
  /// `keys` null: nothing is masked. Both outlive the writer.
  frame_writer(output_queue& queue, entropy* keys) noexcept : queue_(queue), keys_(keys) {}

  /// `header` with a key of its own, if it needs one, RFC 6455 5.3.
  [[nodiscard]] frame_header prepare(frame_header header) noexcept;

  /// Sets the header's length and key. no_memory.
  errc add(frame_header header, const_bytes payload, lifetime life = lifetime::copied) noexcept;

  /// The same into memory that takes the header and the payload.
  std::size_t write(frame_header header, const_bytes payload, mutable_bytes to) noexcept;

  [[nodiscard]] output_queue& queue() noexcept { return queue_; }
  [[nodiscard]] bool masks() const noexcept { return keys_ != nullptr; }

 private:
  errc add_short(const frame_header& header, const_bytes payload) noexcept;
  errc add_masked(const_bytes payload, masking_key key) noexcept;

  output_queue& queue_;
  entropy* keys_;
};

}  // namespace drywire::websocket
