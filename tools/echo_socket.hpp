// /ws: every message comes back, while it comes.
#pragma once

#include "site_socket.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace drywire::tools {

/// Keeps at most one piece of a message, while the peer doesn't read; then nothing is read from it.
class echo_socket final : public site_socket {
 public:
  echo_socket(const socket_records& records, std::unique_ptr<log_entry> entry)
      : site_socket(records, std::move(entry)) {}

 private:
  void on_piece(websocket_peer& peer, const websocket::message& piece) noexcept override;
  void on_drained(websocket_peer& peer) noexcept override;
  [[nodiscard]] errc send(websocket_peer& peer, websocket::message& piece) noexcept;
  [[nodiscard]] errc send_part(websocket_peer& peer, websocket::message& piece) noexcept;

  std::optional<websocket::message> kept_;  // its bytes are these
  std::vector<std::byte> kept_bytes_;
};

}  // namespace drywire::tools
