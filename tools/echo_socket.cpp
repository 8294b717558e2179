#include "echo_socket.hpp"

namespace drywire::tools {

void echo_socket::on_piece(websocket_peer& peer, const websocket::message& piece) noexcept {
  count_received(piece.bytes.size(), piece.last);
  websocket::message left = piece;
  errc answer = send(peer, left);
  if (answer == errc::would_exceed) {
    kept_bytes_.assign(left.bytes.begin(), left.bytes.end());
    left.bytes = kept_bytes_;
    kept_ = left;
    answer = peer.hold();
  }
  close_unless(peer, answer);
}

void echo_socket::on_drained(websocket_peer& peer) noexcept {
  if (!kept_) return;
  errc answer = send(peer, *kept_);
  if (answer == errc::would_exceed) return;
  kept_.reset();
  if (answer == errc::ok) answer = peer.resume();
  close_unless(peer, answer);
}

// A message that is here whole goes out whole; others in a frame for each piece. What was taken is
// no part of the piece any more.
errc echo_socket::send(websocket_peer& peer, websocket::message& piece) noexcept {
  const std::size_t size = piece.bytes.size();
  const errc answer =
      piece.first && piece.last ? peer.send(piece.kind, piece.bytes) : send_part(peer, piece);
  if (answer == errc::ok) count_sent(size, piece.last);
  return answer;
}

errc echo_socket::send_part(websocket_peer& peer, websocket::message& piece) noexcept {
  if (piece.first) {
    if (const errc answer = peer.start_message(piece.kind); answer != errc::ok) return answer;
    piece.first = false;
  }
  if (const errc answer = peer.send_piece(piece.bytes); answer != errc::ok) return answer;
  piece.bytes = {};
  return piece.last ? peer.finish_message() : errc::ok;
}

}  // namespace drywire::tools
