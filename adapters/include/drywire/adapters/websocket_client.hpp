// A WebSocket client on any loop.
//
//   struct printer final : drywire::websocket_handler { ... };
//
//   drywire::websocket_client client(*loop);
//   client.connect("ws://127.0.0.1:8080/ws", handler);
//
// Limits and ends: docs/websocket-adapters.md.
#pragma once

#include <drywire/adapters/pool_storage.hpp>
#include <drywire/adapters/resolver.hpp>
#include <drywire/adapters/system_entropy.hpp>
#include <drywire/adapters/websocket_options.hpp>
#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/base/entropy.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/protocol/http1_client.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace drywire {

class websocket_client_connection;

struct websocket_client_options {
  /// Of connections at a time, with those that are being made and those that close.
  std::size_t connections_max = 65'536;
  /// To look a name up and to connect to one of its addresses; each gets an equal part of what is
  /// left.
  duration connect_timeout = seconds(10);
  /// From there to the server's 101.
  duration handshake_timeout = seconds(10);
  /// For the last bytes and the FIN of a connection that ends to be acknowledged.
  duration close_timeout = seconds(2);
  /// Blocks of http1::client::block_bytes: one for each handshake in progress.
  std::size_t handshake_blocks_max = 1024;
  websocket_memory memory = {};
  /// Looks names up; outlives the client. Without one only numeric hosts have an address.
  resolver* names = nullptr;
  /// Every connection goes here, whatever host and port the URL names.
  std::optional<endpoint> connect_to = {};
  /// Where keys come from; outlives the client. Null: the system. For simulations a seeded one.
  entropy* keys = nullptr;
};

/// One thread, the loop's. The loop outlives it.
class websocket_client final {
 public:
  explicit websocket_client(backend& loop, const websocket_client_options& options = {});
  websocket_client(const websocket_client&) = delete;
  websocket_client& operator=(const websocket_client&) = delete;
  /// Peers that live are aborted and told so, now. Precondition: not from within a callback of
  /// theirs.
  ~websocket_client();

  /// Begins. Every outcome, an invalid URL too, comes later, by handler.on_closed(). `handler`
  /// lives until then. `url` is ws://host[:port][/path][?query]; `fields` are added to the request,
  /// Host is filled in unless they have one; both are copied. Redirects aren't followed. Behind
  /// close() it ends as `aborted`. Throws std::bad_alloc, and then nothing began.
  websocket_handle connect(std::string_view url, websocket_handler& handler,
                           const websocket_options& options = {}, http1::field_list fields = {});
  /// The same, with every whole message to `on_message`, and nothing else.
  websocket_handle connect(std::string_view url, websocket_callback on_message,
                           const websocket_options& options = {}, http1::field_list fields = {});

  /// Graceful end: nothing new begins, peers are told Close 1001. Then nothing of it keeps the loop
  /// running.
  void close() noexcept;

  /// Connections now: being made, in use, closing.
  [[nodiscard]] std::size_t connections() const noexcept { return connection_count_; }

 private:
  friend websocket_client_connection;

  void link(websocket_client_connection& connection) noexcept;
  void forget(websocket_client_connection& connection) noexcept;

  backend& loop_;
  websocket_client_options options_;
  system_entropy system_;
  pool_storage handshakes_;
  std::unique_ptr<websocket_resources> resources_;
  websocket_client_connection* connections_ = nullptr;
  std::size_t connection_count_ = 0;
  bool closed_ = false;
};

}  // namespace drywire
