// What comes on standard input, as messages to a WebSocket.
#pragma once

#include "upload_source.hpp"

#include <drywire/adapters/websocket_peer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace drywire::tools {

/// Each line is a text message, without its end; or all of the input is one binary message, sent
/// while it comes. Reads no further while the peer doesn't take what was read: it holds 64 KiB,
/// its input as much, and the connection limits::output_bytes_max.
class line_sender {
 public:
  enum class state : unsigned char {
    waiting,  ///< for input, or for room: go on when there is some
    done,     ///< all of the input has been taken
    failed,   ///< why() says why
  };

  line_sender(slow_input& input, bool binary) noexcept : input_(input), binary_(binary) {}

  /// Sends what there is. Precondition: the peer speaks; it wasn't done or failed before.
  [[nodiscard]] state go_on(websocket_peer& peer) noexcept;
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// Messages begun, and bytes in them.
  [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  [[nodiscard]] errc send_block(websocket_peer& peer) noexcept;
  [[nodiscard]] errc send_some(websocket_peer& peer, const_bytes some, bool ends) noexcept;
  [[nodiscard]] errc finish(websocket_peer& peer) noexcept;
  void refuse(errc answer);

  slow_input& input_;
  bool binary_;
  bool open_ = false;      // a message has begun and isn't finished
  bool ended_ = false;     // the input
  std::size_t begin_ = 0;  // of what in block_ wasn't taken
  std::size_t end_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::string why_;
  std::array<std::byte, 64 * 1024> block_;
};

}  // namespace drywire::tools
