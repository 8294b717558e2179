// What the site counts on one loop: HTTP and WebSocket. Its loop's thread writes, any thread reads.
#pragma once

#include <drywire/adapters/http_counters.hpp>
#include <drywire/websocket/websocket.hpp>

#include <array>

namespace drywire::tools {

struct websocket_counters {
  counter connections;  ///< whose handshake is over
  counter connections_ended;
  counter messages_received;
  counter messages_sent;
  counter message_bytes_received;  ///< decompressed
  counter message_bytes_sent;      ///< before they are compressed
  counter chat_dropped;            ///< connections, because they didn't read
  /// By websocket::fault.
  std::array<counter, websocket::fault_count> peer_errors;
};

struct site_counters {
  http_counters http;
  websocket_counters websockets;
};

}  // namespace drywire::tools
