// The peer's compressed messages undone, RFC 7692 7.2.2, within the limits.
//
// Payload, unmasked, and room go in; bytes of the message come out, in pieces of any size. What
// comes out, and which fault, doesn't depend on where the payload was cut nor on the room, save
// that memory may run out, and that a peer which refers back further than a window of less than 15
// bits isn't caught at it when it refers to bytes of the same room. Memory is held while a message
// is under way, and between messages if the peer may refer to earlier ones.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/deflate/limited_inflater.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace drywire::websocket {

class message_inflater {
 public:
  enum class state : std::uint8_t {
    more,    ///< room is left: all of the payload was consumed, and the message goes on
    full,    ///< the room was used up: call again with what wasn't consumed, even if that is empty
    done,    ///< all of the message came out: the next payload begins another one
    failed,  ///< for good: give the connection up. The memory is given back
  };
  struct step {
    std::size_t consumed;  ///< bytes from the front of the payload
    std::size_t produced;  ///< bytes at the front of the room, right even before a fault
    state what;
    std::optional<fault> wrong;  ///< if it failed
  };

  /// Draws on `memory`, whose blocks are of deflate::deflate_block_bytes(window_bits) or larger.
  /// `takeover`: the peer may refer to its earlier messages.
  message_inflater(storage& memory, int window_bits, bool takeover, const limits& l) noexcept;

  /// The next bytes of a message's payload, of whichever frame. `last`: it ends with them.
  /// Precondition: `room` isn't empty.
  [[nodiscard]] step inflate(const_bytes payload, bool last, mutable_bytes room) noexcept;

  /// Gives the memory back: no message comes any more, or none of which anything is wanted.
  void release() noexcept { inflater_.release(); }

 private:
  using inflated = deflate::limited_inflater::state;

  inflated read(const_bytes& in, mutable_bytes& room) noexcept;
  inflated read_tail(mutable_bytes& room) noexcept;
  void end_message() noexcept;

  deflate::limited_inflater inflater_;
  std::uint8_t tail_taken_ = 0;  // bytes
  bool takeover_;
  bool begun_ = false;  // a stream, of which something was consumed, isn't at its own end
};

}  // namespace drywire::websocket
