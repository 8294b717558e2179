// What a connection of an http_server speaks: HTTP, and then maybe WebSocket.
#pragma once

#include "websocket_part.hpp"

#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/switching.hpp>

namespace drywire {

class http_connection;

/// Takes the peer that the exchange in progress has accepted.
struct websocket_maker {
  http_connection* connection;

  websocket_part operator()(const http1::server_switched&) const noexcept;
};

using http_machine = switching<http1::server, websocket_part, websocket_maker>;

}  // namespace drywire
