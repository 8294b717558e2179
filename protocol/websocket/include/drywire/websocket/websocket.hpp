// WebSocket in words: RFC 6455, and its compression, RFC 7692. Limits, close codes, and every way a
// peer can break the rules.
//
// The opening handshake is in handshake.hpp, the machine that speaks behind it in connection.hpp.
// Everything here is a plain value; nothing allocates.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace drywire::websocket {

enum class role : std::uint8_t { server, client };

/// What a message is, RFC 6455 5.6.
enum class kind : std::uint8_t {
  text = 1,  ///< UTF-8
  binary = 2,
};

/// Why a connection ends, RFC 6455 7.4.1. Others may be sent from 3000 to 4999.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unacceptable_data = 1003;
inline constexpr std::uint16_t no_status =
    1005;  ///< never on the wire: the peer's Close had no code
inline constexpr std::uint16_t abnormal = 1006;  ///< never on the wire: there was no Close
inline constexpr std::uint16_t invalid_payload = 1007;
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t message_too_big = 1009;
inline constexpr std::uint16_t missing_extension = 1010;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t service_restart = 1012;
inline constexpr std::uint16_t try_again_later = 1013;
}  // namespace close_code

/// Whether a Close may carry it, RFC 6455 7.4: 1000-1003, 1007-1014, 3000-4999.
[[nodiscard]] bool may_be_sent(std::uint16_t code) noexcept;

/// What both sides agreed on for permessage-deflate, RFC 7692 7.1.
struct deflate_parameters {
  bool server_no_context_takeover = false;  ///< the server forgets after each message
  bool client_no_context_takeover = false;  ///< so does the client
  std::uint8_t server_window_bits = 15;     ///< 8 to 15: how far what the server sends refers back
  std::uint8_t client_window_bits = 15;

  friend bool operator==(const deflate_parameters&, const deflate_parameters&) = default;
};

/// What one side wants of permessage-deflate. The defaults cost an idle connection no memory.
struct compression {
  /// Between our messages the deflater's window stays: text gets smaller, and the connection holds
  /// two blocks of deflate::deflate_block_bytes() for good.
  bool own_context = false;
  /// The same for the peer's messages and our inflater: one block.
  bool peer_context = false;
  std::uint8_t own_window_bits = 15;   ///< 8 to 15: the most that our deflater refers back
  std::uint8_t peer_window_bits = 15;  ///< 8 to 15: the most that our inflater allows for
  std::uint8_t level = 1;              ///< 1 to 9, fast to small
  std::uint32_t message_bytes_min =
      64;  ///< messages that are sent whole and are smaller stay plain
};

/// What bounds one connection; docs/websocket-machine.md has the reason for each. The largest value
/// of its type turns a number off, duration::max() a timeout.
struct limits {
  std::uint64_t message_bytes_max = std::uint64_t{16} << 20;  ///< after decompression
  /// Decompressed bytes for each that came, these rounded up to a KiB, past `ratio_free_bytes`.
  std::uint64_t ratio_free_bytes = std::uint64_t{1} << 20;
  std::uint32_t inflate_ratio_max = 100;
  /// Frames of one message, apart from those with at least `fragment_free_bytes` of payload.
  std::uint32_t fragments_max = 1024;
  std::uint32_t fragment_free_bytes = 1024;
  /// Pings that came since the last pong has left.
  std::uint32_t pings_unanswered_max = 1000;
  std::uint32_t output_bytes_max = 1024 * 1024;  ///< queued; past it wishes answer would_exceed
  std::uint32_t output_low_bytes = 256 * 1024;   ///< below it there is room again
  duration ping_after = seconds(30);             ///< without a byte from the peer; then we ping
  /// Without a byte from the peer, of whatever it sends, behind our ping. It counts from when the
  /// transport took the ping: what that holds before it has to get through in this time, too, which
  /// no machine can see. 4 MiB in a socket's buffer take 34 s at 1 Mbit/s.
  duration pong_timeout = seconds(30);
  duration message_timeout = seconds(60);  ///< without a byte while a message is incomplete
  duration write_timeout = seconds(30);    ///< without a byte leaving while there are some to write
  duration close_timeout = seconds(10);    ///< from our Close to the peer's, and to its FIN
};

/// Everything a peer can do wrong behind the handshake. With each goes the section that it is in,
/// and the code of the Close that is already in the output when the event comes (0: none).
enum class fault : std::uint8_t {
  reserved_bits,            ///< RSV that no extension gave a meaning to
  reserved_opcode,          ///< 3-7, 11-15
  unmasked_frame,           ///< from a client
  masked_frame,             ///< from a server
  length_not_minimal,       ///< a short length in a long form
  length_over_63_bits,      ///< its first bit is set
  fragmented_control,       ///< a control frame without FIN
  long_control,             ///< a control frame of more than 125 bytes
  unexpected_continuation,  ///< where no message is incomplete
  interrupted_message,      ///< text or binary while a message is incomplete
  compressed_control,       ///< RSV1 on a control frame, RFC 7692 6.1
  compressed_continuation,  ///< RSV1 on any but a message's first frame
  invalid_utf8,             ///< in a text message, or in the reason of a Close
  short_close,              ///< a Close with a payload of one byte
  invalid_close_code,       ///< one that may not be sent
  invalid_deflate,          ///< not a deflate stream, or it refers back too far
  message_too_big,          ///< limits::message_bytes_max
  too_many_fragments,       ///< limits::fragments_max
  inflate_ratio_exceeded,   ///< limits::inflate_ratio_max
  too_many_pings,           ///< limits::pings_unanswered_max
  pong_timeout,             ///< limits::pong_timeout
  message_timeout,          ///< limits::message_timeout
  write_timeout,            ///< limits::write_timeout; the transport is reset
  close_timeout,            ///< limits::close_timeout, before the peer's Close came
  connection_lost,          ///< the transport ended, or failed, without a Close
  no_memory,                ///< ours, not the peer's: no block for its message
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::no_memory) + 1;

/// The enumerator in words, "reserved bits".
[[nodiscard]] std::string_view to_string(fault what) noexcept;
/// The section that the peer broke: "RFC 6455 5.2".
[[nodiscard]] std::string_view rfc_section(fault what) noexcept;
/// The code of the Close that answers it; 0 if none is sent.
[[nodiscard]] std::uint16_t close_code_of(fault what) noexcept;

}  // namespace drywire::websocket
