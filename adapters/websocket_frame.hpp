// A frame that many peers are sent: written once, held until the last of them has it.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/websocket/frame.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace drywire {

class websocket_group;
class websocket_peer;

/// Counted; made with one reference.
class websocket_frame {
 public:
  /// Up to here a copy for each costs less than to know where it is.
  static constexpr std::size_t copied_bytes_max = 128;

  /// A whole message in one frame; null without memory.
  [[nodiscard]] static websocket_frame* make(websocket::kind what, const_bytes bytes) noexcept;
  websocket_frame(const websocket_frame&) = delete;
  websocket_frame& operator=(const websocket_frame&) = delete;

  [[nodiscard]] const websocket::prepared_message& prepared() const noexcept { return prepared_; }
  /// Adds the compressed form, for peers with a window of at least `window_bits`; unless that was
  /// done or tried before, or isn't worth it.
  void compress(storage& memory, int window_bits) noexcept;

  void retain() noexcept { ++references_; }
  void release() noexcept;

 private:
  websocket_frame(websocket::kind what, const_bytes message, mutable_bytes room) noexcept
      : message_bytes_(message.size()), kind_(what) {
    prepared_.plain = websocket::prepare(what, message, room);
  }
  ~websocket_frame() = default;

  websocket::prepared_message prepared_;
  std::unique_ptr<std::byte[]> deflated_;
  std::size_t message_bytes_;  // the last ones of prepared_.plain
  websocket::kind kind_;
  bool compression_tried_ = false;
  std::size_t references_ = 1;
};

/// A peer's queue has it, until `end` bytes of output have left.
struct websocket_frame_use {
  websocket_frame* frame;
  std::uint64_t end;
  websocket_frame_use* next;  // behind the newest one the oldest
};

/// A peer in a group.
struct websocket_membership {
  websocket_peer* peer;
  websocket_group* group;
  websocket_membership* next_of_peer;
  websocket_membership* next;  // of the group
  websocket_membership* previous;
};

}  // namespace drywire
