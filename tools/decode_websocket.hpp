// `drywire decode websocket`: the bytes behind one side's handshake in, frames and events out. No
// loop, no socket, no time.
#pragma once

#include "decode.hpp"

#include <drywire/websocket/websocket.hpp>

#include <cstdio>
#include <optional>
#include <string>

namespace drywire::tools {

/// What a Sec-WebSocket-Extensions field agrees on; nothing if it is empty. Throws failure if it
/// isn't permessage-deflate alone.
[[nodiscard]] std::optional<websocket::deflate_parameters> parse_extensions(
    const std::string& value);

/// As decode_http1, with a line for each frame before the events that it makes. `deflate` is what
/// the handshake agreed on. Bytes that end between two messages without a Close are no error.
[[nodiscard]] int decode_websocket(std::FILE* in, const std::string& name, messages kind,
                                   const std::optional<websocket::deflate_parameters>& deflate,
                                   bool json, std::FILE* out, std::FILE* errors);

}  // namespace drywire::tools
