// What --compression says of permessage-deflate.
#pragma once

#include <drywire/websocket/websocket.hpp>

#include <optional>
#include <string_view>

namespace drywire::tools {

struct said;

/// `on`, `off`, or words with commas between them: `context` (both sides keep their window),
/// `own-context`, `peer-context`, `own-window=8..15`, `peer-window=8..15`, `level=1..9`,
/// `min-bytes=SIZE`. Nothing for `off`. Throws failure.
[[nodiscard]] std::optional<websocket::compression> parse_compression(const said& words);

}  // namespace drywire::tools
