// /chat: those in it on one loop, and one of them.
#pragma once

#include "chat_room.hpp"
#include "site_socket.hpp"

#include <drywire/adapters/websocket_group.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace drywire::tools {

class chat_members final : public chat_hall {
 public:
  /// All of these outlive it; it outlives its members and what the loop runs.
  chat_members(chat_room& room, const loop_remote& loop, const websocket_group_options& options,
               websocket_counters* counters);
  chat_members(const chat_members&) = delete;
  chat_members& operator=(const chat_members&) = delete;
  ~chat_members() { room_.remove(*this); }

  [[nodiscard]] chat_room& room() noexcept { return room_; }
  [[nodiscard]] const loop_remote& loop() const noexcept { return loop_; }
  /// As websocket_group::add.
  [[nodiscard]] errc add(websocket_peer& peer) noexcept { return group_.add(peer); }
  /// Bytes of all lines until now, that each member got which was there.
  [[nodiscard]] std::uint64_t bytes_told() const noexcept { return bytes_told_; }

 private:
  void tell(std::string_view line) noexcept override;

  chat_room& room_;
  const loop_remote& loop_;
  websocket_group group_;
  websocket_counters* counters_;
  std::uint64_t bytes_told_ = 0;
};

/// Has one message on its way at most: until all loops have sent it nothing is read from the peer.
class chat_socket final : public site_socket {
 public:
  chat_socket(const socket_records& records, std::unique_ptr<log_entry> entry,
              chat_members& members, std::string name);

 private:
  void on_begin(websocket_peer& peer) noexcept override;
  void on_message(websocket_peer& peer, const websocket_message& message) noexcept override;
  void on_end() noexcept override;

  chat_members& members_;
  std::string name_;
  websocket_handle peer_;
  std::shared_ptr<chat_socket*> self_;  // null behind it once this has gone
  std::uint64_t told_before_ = 0;
  bool entered_ = false;
};

}  // namespace drywire::tools
