// The connection of `drywire ws`, from its handshake to its end.
#pragma once

#include "event_writer.hpp"
#include "line_sender.hpp"
#include "message_printer.hpp"
#include "slow_output.hpp"
#include "upload_source.hpp"
#include "ws.hpp"

#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/loop/backend.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace drywire::tools {

/// Handles one peer. Lives until it is over.
class ws_session final : public websocket_handler, public signal_handler {
 public:
  /// Throws failure.
  ws_session(const ws_flags& wanted, backend& loop);
  ws_session(const ws_session&) = delete;
  ws_session& operator=(const ws_session&) = delete;
  ~ws_session() { remove_signals(); }

  [[nodiscard]] bool over() const noexcept { return over_; }
  /// The exit status, and why it isn't 0: empty if there is nothing to be said.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// Behind the end: waits until all that came is written.
  void finish_output();
  /// Throws failure.
  void handle_signals();
  /// Their default actions again.
  void remove_signals() noexcept;
  /// Once, with what it is the handler of.
  void begin(websocket_handle peer) noexcept { peer_ = std::move(peer); }

 private:
  void on_response(websocket_peer& peer, const http1::response_head& head) noexcept override;
  void on_open(websocket_peer& peer) noexcept override;
  void on_piece(websocket_peer& peer, const websocket::message& piece) noexcept override;
  void on_ping(websocket_peer& peer, const_bytes payload) noexcept override;
  void on_pong(websocket_peer& peer, const_bytes payload) noexcept override;
  void on_drained(websocket_peer& peer) noexcept override { send(peer); }
  void on_closed(websocket_peer& peer, const websocket_outcome& how) noexcept override;
  void on_signal(int signal_number) noexcept override;

  void send(websocket_peer& peer) noexcept;
  void go_on_writing() noexcept;
  void close_if_done(websocket_peer& peer) noexcept;
  void close(websocket_peer& peer, std::uint16_t code) noexcept;
  void stop(websocket_peer& peer, int status, std::string why) noexcept;
  void judge(const websocket_outcome& how);
  void tell_request() noexcept;
  void tell_end(const websocket_outcome& how) noexcept;
  void tell(std::string_view event, std::string_view key, std::string_view value) noexcept;

  const ws_flags& wanted_;
  backend& loop_;
  slow_output output_;
  message_printer printer_;
  std::optional<event_writer> events_;
  slow_input input_;
  line_sender sender_;
  websocket_handle peer_;
  std::uint64_t piece_bytes_ = 0;  // of the message that comes
  std::uint64_t received_ = 0;
  std::uint16_t closed_with_ = 0;  // our Close; 0: none yet
  bool opened_ = false;
  bool sent_ = false;  // all of the input
  bool waits_for_reader_ = false;
  bool stopped_ = false;
  bool over_ = false;
  int status_ = 0;
  std::string why_;
};

}  // namespace drywire::tools
