#include "line_sender.hpp"

#include <algorithm>
#include <span>

namespace drywire::tools {

line_sender::state line_sender::go_on(websocket_peer& peer) noexcept {
  using source_state = http1::body_source::state;
  while (true) {
    errc answer = send_block(peer);
    if (answer == errc::ok && ended_) answer = finish(peer);
    if (answer == errc::would_exceed) return state::waiting;
    if (answer != errc::ok) {
      refuse(answer);
      return state::failed;
    }
    if (ended_) return state::done;
    const auto got = input_.pull(block_);
    if (got.then == source_state::later) return state::waiting;
    if (got.then == source_state::failed) {
      why_ = "standard input can't be read";
      return state::failed;
    }
    ended_ = got.then == source_state::end;
    begin_ = 0;
    end_ = got.size;
  }
}

errc line_sender::send_block(websocket_peer& peer) noexcept {
  while (begin_ != end_) {
    const const_bytes rest = std::span(block_).subspan(begin_, end_ - begin_);
    const std::size_t line_end = binary_ ? rest.size() : as_text(rest).find('\n');
    const bool ends = line_end < rest.size();
    const errc answer = send_some(peer, rest.first(ends ? line_end : rest.size()), ends);
    if (answer != errc::ok) return answer;
  }
  return errc::ok;
}

// A line that is here whole goes out whole; of a longer one each part as it comes. What was taken
// is not there the second time.
errc line_sender::send_some(websocket_peer& peer, const_bytes some, bool ends) noexcept {
  const auto kind = binary_ ? websocket::kind::binary : websocket::kind::text;
  if (!open_) {
    const errc answer = ends ? peer.send(kind, some) : peer.start_message(kind);
    if (answer != errc::ok) return answer;
    ++messages_;
    open_ = !ends;
    if (ends) begin_ += some.size() + 1;
    if (ends) bytes_ += some.size();
    if (ends) return errc::ok;
  }
  if (const errc answer = peer.send_piece(some); answer != errc::ok) return answer;
  begin_ += some.size();
  bytes_ += some.size();
  if (!ends) return errc::ok;
  if (const errc answer = finish(peer); answer != errc::ok) return answer;
  ++begin_;
  return errc::ok;
}

errc line_sender::finish(websocket_peer& peer) noexcept {
  if (!open_) return errc::ok;
  const errc answer = peer.finish_message();
  if (answer == errc::ok) open_ = false;
  return answer;
}

void line_sender::refuse(errc answer) {
  if (answer == errc::invalid_argument && !binary_) {
    why_ = "message " + std::to_string(messages_ + (open_ ? 0 : 1)) +
           " is not UTF-8: --binary sends any bytes";
  } else {
    why_ = "a message can't be sent: " + std::string(to_string(answer));
  }
}

}  // namespace drywire::tools
