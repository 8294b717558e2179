// The limits of `drywire serve`, `drywire ws` and `drywire get` by name, for a flag or a line of a
// configuration file.
#pragma once

#include "site.hpp"

#include <drywire/adapters/http_client.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/websocket/websocket.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tools {

/// All of them, as documented in docs/serve.md.
[[nodiscard]] std::vector<std::string_view> limit_names();

/// How many of the names are of members of http1::limits, of http_server_options beside them, of
/// site_options, and of websocket::limits and websocket_memory.
struct named_members {
  std::size_t of_connection = 0;
  std::size_t of_server = 0;
  std::size_t of_site = 0;
  std::size_t of_websocket = 0;
  std::size_t of_websocket_memory = 0;
};
[[nodiscard]] named_members count_named_members() noexcept;

/// Sets the limit `name` to what `value` says: a number for sizes and counts, with KiB, MiB or GiB
/// behind it where it is one of bytes; a number with ms, s, m or h for times; for those of
/// WebSockets, whose names begin with `ws-` or `chat-`, also `off`. Throws failure, its text behind
/// `where`, when there is no such limit or the value isn't one of its kind.
void set_limit(http_server_options& server, site_options& site, std::string_view name,
               std::string_view value, const std::string& where);

/// Those of a WebSocket connection, without their `ws-`.
[[nodiscard]] std::vector<std::string_view> websocket_limit_names();

/// Sets one of a WebSocket connection's, whose names have no `ws-` here. Throws failure.
void set_websocket_limit(websocket::limits& limits, std::string_view name, std::string_view value,
                         const std::string& where);

/// "Limits: a, b", for the end of a --help.
[[nodiscard]] std::string limits_help(std::span<const std::string_view> names);

/// Those of `drywire get`, as documented in docs/get.md.
[[nodiscard]] std::vector<std::string_view> client_limit_names();

/// Sets one of them. Any may be `off`: no limit. Throws failure.
void set_client_limit(http_client_options& client, std::string_view name, std::string_view value,
                      const std::string& where);

}  // namespace drywire::tools
