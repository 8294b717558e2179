#include "site_sockets.hpp"

#include "chat_name.hpp"
#include "echo_socket.hpp"

#include <drywire/websocket/handshake.hpp>

#include <algorithm>
#include <utility>

namespace drywire::tools {

namespace {

websocket_options options_of(const websocket_settings& wanted,
                             const std::vector<std::string_view>& origins) {
  return {.limits = wanted.limits, .compression = wanted.compression, .origins = origins};
}

// What the exchange answers with, in its order.
unsigned refusal_of(const exchange& x, std::span<const std::string_view> origins) noexcept {
  if (const auto wrong = websocket::check_request(x.request())) return status_of(*wrong);
  const bool all = std::ranges::find(origins, "*") != origins.end();
  return all || websocket::origin_allowed(x.request(), origins) ? 503 : 403;
}

}  // namespace

site_sockets::site_sockets(backend& loop, const site_options& options, chat_room& room,
                           access_log* log, websocket_counters* counters)
    : records_{loop, log, counters},
      origins_(options.websockets.origins.begin(), options.websockets.origins.end()),
      echo_options_(options_of(options.websockets, origins_)),
      chat_options_(echo_options_),
      members_(room, loop.core().remote(),
               {.policy = slow_peer::drop,
                .queued_bytes_max = options.chat_queued_bytes_max,
                .members_max = options.chat_members_max},
               counters) {
  echo_options_.pieces = true;
  chat_options_.limits.message_bytes_max = std::min<std::uint64_t>(
      chat_options_.limits.message_bytes_max, options.chat_message_bytes_max);
}

std::unique_ptr<log_entry> site_sockets::echo(exchange& x, std::unique_ptr<log_entry> entry) {
  return accept(x, new echo_socket(records_, std::move(entry)), echo_options_);
}

std::unique_ptr<log_entry> site_sockets::chat(exchange& x, std::unique_ptr<log_entry> entry) {
  auto* const socket =
      new chat_socket(records_, std::move(entry), members_, chat_name(x.request().target));
  return accept(x, socket, chat_options_);
}

// What was refused has been answered; then its head may be gone.
std::unique_ptr<log_entry> site_sockets::accept(exchange& x, site_socket* socket,
                                                const websocket_options& options) {
  const unsigned refusal = refusal_of(x, origins_);
  if (x.accept_websocket(*socket, options)) return nullptr;
  auto entry = socket->discard();
  if (entry) entry->status = refusal;
  return entry;
}

}  // namespace drywire::tools
