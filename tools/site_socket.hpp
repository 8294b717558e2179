// One WebSocket of the site: what it counts and what the log says of it.
#pragma once

#include "access_log.hpp"
#include "site_counters.hpp"

#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/loop/backend.hpp>

#include <cstdint>
#include <memory>

namespace drywire::tools {

/// Where it counts and tells; outlives it.
struct socket_records {
  const backend& loop;
  access_log* log = nullptr;
  websocket_counters* counters = nullptr;
};

/// Made by new. Deletes itself at the end of a connection that was accepted.
class site_socket : public websocket_handler {
 public:
  site_socket(const site_socket&) = delete;
  site_socket& operator=(const site_socket&) = delete;

  /// For one that wasn't. Its entry in the log.
  std::unique_ptr<log_entry> discard() noexcept;

 protected:
  /// `entry` may be null.
  site_socket(const socket_records& records, std::unique_ptr<log_entry> entry);
  virtual ~site_socket() = default;

  /// A message, or a piece of one: it counts when it is complete.
  void count_received(std::size_t bytes, bool complete) noexcept;
  void count_sent(std::size_t bytes, bool complete) noexcept;
  /// For the log alone.
  void log_sent(std::uint64_t bytes) noexcept {
    if (entry_) entry_->body_bytes += bytes;
  }
  /// Says Close if a wish wasn't granted: a message that got lost isn't passed over in silence.
  static void close_unless(websocket_peer& peer, errc granted) noexcept;
  virtual void on_begin(websocket_peer&) noexcept {}
  virtual void on_end() noexcept {}

 private:
  void on_open(websocket_peer& peer) noexcept final;
  void on_closed(websocket_peer& peer, const websocket_outcome& how) noexcept final;

  socket_records records_;
  std::unique_ptr<log_entry> entry_;
  bool begun_ = false;
};

}  // namespace drywire::tools
