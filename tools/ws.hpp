// `drywire ws URL`: a WebSocket between standard input and standard output, over any loop.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drywire::tools {

struct ws_flags {
  std::string url = {};
  std::string loop = {};       ///< empty: DRYWIRE_LOOP, or native
  std::string unix_path = {};  ///< connect there, whatever host the URL names
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::vector<std::string> subprotocols = {};
  std::optional<websocket::compression> compression = websocket::compression{};
  websocket::limits limits = {};
  std::optional<duration> connect_timeout = {};
  bool binary = false;  ///< all of standard input is one message; messages are written as bytes
  std::uint64_t answers = 0;  ///< messages to wait for at the end of standard input
  bool keep_open = false;     ///< at the end of standard input, wait for the peer's Close
  bool events = false;
};

/// Does it. Returns the exit status: 0 when the connection ended in order, 1 when the peer closed
/// it for a reason, broke a rule or went away; 2 when there never was one, or what was to be sent
/// can't be. Then one line on standard error says why, but for a reader of standard output that
/// went away. Throws failure for what can't be done.
[[nodiscard]] int ws(const ws_flags& wanted);

}  // namespace drywire::tools
