// The WebSockets of `drywire serve` on one loop: an echo at /ws, and a chat at /chat.
#pragma once

#include "chat_room.hpp"
#include "chat_socket.hpp"
#include "site.hpp"
#include "site_socket.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/websocket_options.hpp>
#include <drywire/loop/backend.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace drywire::tools {

class site_sockets {
 public:
  /// All of these outlive it, `log` and `counters` may be null; it outlives its exchanges and what
  /// the loop runs.
  site_sockets(backend& loop, const site_options& options, chat_room& room, access_log* log,
               websocket_counters* counters);
  site_sockets(const site_sockets&) = delete;
  site_sockets& operator=(const site_sockets&) = delete;

  /// A good handshake becomes a WebSocket, which writes its line in the log at its end; anything
  /// else is refused, and the entry comes back with the status.
  [[nodiscard]] std::unique_ptr<log_entry> echo(exchange& x, std::unique_ptr<log_entry> entry);
  [[nodiscard]] std::unique_ptr<log_entry> chat(exchange& x, std::unique_ptr<log_entry> entry);

 private:
  std::unique_ptr<log_entry> accept(exchange& x, site_socket* socket,
                                    const websocket_options& options);

  socket_records records_;
  std::vector<std::string_view> origins_;
  websocket_options echo_options_;
  websocket_options chat_options_;
  chat_members members_;
};

}  // namespace drywire::tools
