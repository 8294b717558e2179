// What compresses our messages and undoes the peer's, in a block that is only held while a message
// needs it, or for good if messages refer to earlier ones. Its rest is where bytes are inflated to.
#pragma once

#include "message_deflater.hpp"
#include "message_inflater.hpp"

#include <drywire/websocket/connection.hpp>

namespace drywire::websocket {

class codec {
 public:
  /// `memory` has blocks of at least connection::block_bytes_min. Holds none yet.
  codec(role side, storage& memory, const tools& t) noexcept;
  codec(const codec&) = delete;
  codec& operator=(const codec&) = delete;
  ~codec() { release(); }

  [[nodiscard]] bool agreed() const noexcept { return agreed_; }

  /// Null: there is no block for it.
  [[nodiscard]] message_inflater* inflater(const limits& l) noexcept;
  /// Where to inflate to. Precondition: there is an inflater.
  [[nodiscard]] mutable_bytes room() noexcept;
  /// Whether room() has them.
  [[nodiscard]] bool holds(const_bytes bytes) const noexcept;
  /// For a message of so many bytes. Null: it is sent plain.
  [[nodiscard]] message_deflater* deflater(std::size_t message_bytes, const limits& l) noexcept;

  /// Whether that was compressed by itself can stand between our messages, with a peer that was
  /// told of this window.
  [[nodiscard]] bool admits(std::uint8_t window_bits) const noexcept {
    return agreed_ && !own_.takeover && window_bits <= own_.window_bits;
  }

  /// No message is under way in either direction, and what room() held isn't looked at any more.
  void rest() noexcept {
    if (!own_.takeover && !peer_.takeover) release();
  }
  void release() noexcept;

 private:
  struct engines;
  struct direction {
    std::uint8_t window_bits = 0;
    bool takeover = false;  // a message may refer to the ones before
  };

  engines* start(const limits& l) noexcept;

  storage& memory_;
  storage* deflate_memory_;
  engines* engines_ = nullptr;  // at the front of a block
  std::uint32_t message_bytes_min_;
  direction own_;
  direction peer_;
  std::uint8_t level_;
  bool agreed_;
};

}  // namespace drywire::websocket
