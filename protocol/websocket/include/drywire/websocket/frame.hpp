// Frame headers, RFC 6455 5.2: 2 to 14 bytes before each payload. Pure functions.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/websocket/masking.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace drywire::deflate {
class deflater;
}

namespace drywire::websocket {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

inline constexpr std::size_t frame_header_bytes_max = 14;
/// The most that a control frame's payload may have, RFC 6455 5.5.
inline constexpr std::size_t control_bytes_max = 125;

struct frame_header {
  std::uint64_t length = 0;  ///< of the payload
  masking_key key = {};      ///< if it is masked
  websocket::opcode opcode = websocket::opcode::continuation;
  bool fin = true;
  bool compressed = false;  ///< RSV1, RFC 7692 6
  bool masked = false;

  [[nodiscard]] bool control() const noexcept { return static_cast<unsigned>(opcode) >= 8; }
};

/// What a frame may be, for read_header().
struct frame_rules {
  bool masked = false;        ///< it has to be; else it may not be
  bool compression = false;   ///< permessage-deflate was agreed on
  bool message_open = false;  ///< a continuation is due
};

/// How much is known of a header.
struct header_reading {
  std::optional<fault> wrong;  ///< known as early as it can be: nothing behind it is looked at
  std::size_t size = 0;        ///< of the header; 0 while bytes are missing
};

/// Reads a header from the front of `bytes`, which may hold less than all of it. `to` is written as
/// far as it is known: it is whole if the size isn't 0.
[[nodiscard]] header_reading read_header(const_bytes bytes, const frame_rules& rules,
                                         frame_header& to) noexcept;

/// Bytes that the header takes on the wire.
[[nodiscard]] std::size_t header_bytes(const frame_header& header) noexcept;
/// Writes the header to the front of `to`. Precondition: it has that many. Returns their number.
std::size_t write_header(const frame_header& header, mutable_bytes to) noexcept;

/// A server's message as one frame, written once for many connections: the bytes of its frame, and
/// optionally those of the same message compressed by itself. The bytes outlive their use.
struct prepared_message {
  const_bytes plain;                       ///< a whole, unmasked frame
  const_bytes deflated;                    ///< the same, compressed; empty: there is none
  std::uint8_t deflated_window_bits = 15;  ///< how far `deflated` refers back
};

/// The most that prepare() writes for a message of so many bytes.
[[nodiscard]] constexpr std::size_t prepared_bytes(std::size_t message_bytes) noexcept {
  return message_bytes + frame_header_bytes_max;
}
/// Writes the frame of a message to the front of `to`, and returns it. Precondition: `to` has
/// prepared_bytes(). Text isn't checked: it has to be UTF-8.
[[nodiscard]] const_bytes prepare(kind what, const_bytes message, mutable_bytes to) noexcept;
/// The same, compressed by `with`, which forgets what it saw before. The frame lies in `to`, not at
/// its front. Empty: there is no room or no memory for it, or nothing to compress.
[[nodiscard]] const_bytes prepare_deflated(kind what, const_bytes message, deflate::deflater& with,
                                           mutable_bytes to) noexcept;

}  // namespace drywire::websocket
