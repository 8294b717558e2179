// Our messages compressed, RFC 7692 7.2.1, straight into the output.
//
// A wish comes to nothing or to all: when memory runs out, the output is as it was. What the
// deflater had learned by then the peer doesn't know, so it forgets everything: what follows refers
// to nothing before, which RFC 7692 allows at any time, and the connection lives on. Memory is held
// while a message is under way, and between messages if those may refer to each other.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/deflate/deflater.hpp>
#include <drywire/protocol/output_queue.hpp>
#include <drywire/websocket/frame.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::websocket {

class message_deflater {
 public:
  enum class outcome : std::uint8_t {
    queued,
    plain,      ///< nothing was queued: send the message, with all its frames, as it is
    no_memory,  ///< nothing was queued: the output has no room
  };

  /// Draws on `memory`, whose blocks are of deflate::deflate_block_bytes(window_bits) or larger.
  /// `takeover`: a message may refer to the ones before it.
  message_deflater(storage& memory, int window_bits, int level, bool takeover) noexcept;

  /// Queues a frame of a message: `header`, whose length and RSV1 are filled in here, and the
  /// payload, compressed, and masked if the header says so. A message's first frame may come out
  /// as `plain`: without memory for the deflater; when it is empty and the whole message; and, if
  /// nothing is taken over to the next message, when a whole one doesn't get smaller.
  [[nodiscard]] outcome send(frame_header header, const_bytes payload, output_queue& to) noexcept;

  /// Gives the memory back: nothing is sent any more, or a message is left unfinished.
  void release() noexcept { deflater_.release(); }

 private:
  outcome queue(frame_header& header, const_bytes payload, output_queue& to) noexcept;
  outcome queue_nothing(frame_header& header, output_queue& to) noexcept;
  outcome compress(frame_header& header, const_bytes payload, output_queue& to) noexcept;
  static void add(frame_header& header, mutable_bytes run, output_queue& to) noexcept;

  deflate::deflater deflater_;
  bool takeover_;
};

}  // namespace drywire::websocket
