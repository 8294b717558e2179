// What an application chooses for its WebSockets, in both roles. Each limit with its reason:
// docs/websocket-adapters.md.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace drywire {

/// For one WebSocket, or for all of an application's. Copied, but not what the spans refer to: that
/// lives as long as peers that were made with it.
struct websocket_options {
  /// `message_bytes_max` is also the most that is gathered of one message.
  websocket::limits limits = {};
  /// permessage-deflate, if the other side wants it, too; nothing: never. It costs time, and shows
  /// by the size what secrets share a message with what somebody else chose, RFC 7692 8. Windows
  /// are 8 to 15 bits: a client with others ends as invalid_options; for a server, a precondition.
  std::optional<websocket::compression> compression = {};
  /// Subprotocols, the best first. A client offers them; a server takes the first that is offered.
  std::span<const std::string_view> protocols = {};
  /// A server's: who may connect besides pages of its own host, "https://example.org"; "*" is
  /// anybody. Others get 403, RFC 6455 10.2. Without an Origin it isn't a browser, and may.
  std::span<const std::string_view> origins = {};
  /// Messages come by on_piece() as their bytes do, and nothing is gathered. For a handler: a
  /// websocket_callback, and who awaits, get whole messages all the same.
  bool pieces = false;
};

/// What the WebSockets of one server or client may hold together.
struct websocket_memory {
  /// Blocks of websocket::connection::block_bytes: queued output, control frames cut in two. A peer
  /// that gets none is closed with 1011, or the wish answers no_memory.
  std::size_t blocks_max = 16'384;
  /// Blocks of deflate::deflate_block_bytes(), 80 KiB: two for a message while it is compressed,
  /// one while it is decompressed, and for good where a context stays; see websocket::compression.
  /// Without them messages are sent plain, and a compressed one is refused with 1011.
  std::size_t deflate_blocks_max = 256;
  /// Of all messages that are gathered at one time. A peer whose message is over it is closed with
  /// 1013.
  std::size_t gathered_bytes_max = std::size_t{256} << 20;
};

}  // namespace drywire
