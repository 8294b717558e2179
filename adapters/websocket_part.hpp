// The second part of a connection that began with HTTP: a websocket::connection that its peer
// object owns, so that a connection which never becomes one carries a pointer.
//
//   switching<http1::server, websocket_part, ...>      http_connection
//   switching<http1::client, websocket_part, ...>      websocket_client_connection
#pragma once

#include <drywire/adapters/pool_storage.hpp>
#include <drywire/adapters/websocket_options.hpp>
#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/base/entropy.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/loop/stream.hpp>
#include <drywire/websocket/connection.hpp>

#include <cstddef>
#include <vector>

namespace drywire {

/// What a peer asks of the connection that it is the other side of.
struct websocket_owner {
  /// Tells the machine the time; what the wish that follows causes happens at the turn's end.
  void (*touch)(void* connection) noexcept;
  void (*abort)(void* connection) noexcept;
  const stream* (*transport)(const void* connection) noexcept;
};

/// What the peers of one server or client share.
struct websocket_resources {
  explicit websocket_resources(const websocket_memory& memory, entropy* from) noexcept;

  pool_storage blocks;
  pool_storage deflate_blocks;
  entropy* keys;  // null: a server's
  std::size_t gathered_bytes = 0;
  std::size_t gathered_bytes_max;
  /// Memory of a message that was gathered, for the next one: growing anew would copy each twice.
  std::vector<std::byte> spare = {};
  static constexpr std::size_t spare_bytes_max = std::size_t{256} * 1024;
};

class websocket_part {
 public:
  using event = websocket::event;
  using command = websocket::command;
  using cursor = websocket::connection::cursor;

  // Not reads_while_blocked, though the machine could: whoever answers messages would have to count
  // what waits.

  /// Takes a reference of the peer over, whose machine has been made.
  explicit websocket_part(websocket_peer& peer) noexcept;
  websocket_part(const websocket_part&) = delete;
  websocket_part& operator=(const websocket_part&) = delete;
  ~websocket_part();

  [[nodiscard]] websocket_peer& peer() const noexcept { return peer_; }

  void advance(now t) noexcept { machine().advance(t); }
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept { return machine().receive(in); }
  void receive_eof(bool clean) noexcept { machine().receive_eof(clean); }
  errc apply(const command& wish) noexcept { return machine().apply(wish); }
  [[nodiscard]] output_view output(std::size_t n) noexcept { return machine().output(n); }
  void consume_output(std::size_t n) noexcept;
  errc retain_output() noexcept { return machine().retain_output(); }
  [[nodiscard]] instant deadline() const noexcept { return machine().deadline(); }
  [[nodiscard]] bool wants_input() const noexcept { return machine().wants_input(); }
  [[nodiscard]] drywire::ending ending() const noexcept { return machine().ending(); }

 private:
  [[nodiscard]] websocket::connection& machine() noexcept;
  [[nodiscard]] const websocket::connection& machine() const noexcept;

  websocket_peer& peer_;
};

static_assert(protocol<websocket_part>);

/// For a handler that knows whole messages alone.
[[nodiscard]] websocket_options without_pieces(websocket_options options) noexcept;

/// A peer's handler that hears nothing.
[[nodiscard]] websocket_handler& deaf_websocket_handler() noexcept;

/// A handler that gives whole messages to `on_message` and dies with on_closed; null without
/// memory.
[[nodiscard]] websocket_handler* make_websocket_listener(websocket_callback on_message) noexcept;
void destroy_websocket_listener(websocket_handler& unused) noexcept;

}  // namespace drywire
