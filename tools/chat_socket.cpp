#include "chat_socket.hpp"

#include <utility>

namespace drywire::tools {

chat_members::chat_members(chat_room& room, const loop_remote& loop,
                           const websocket_group_options& options, websocket_counters* counters)
    : room_(room), loop_(loop), group_(options), counters_(counters) {
  room_.add(*this, loop);
}

void chat_members::tell(std::string_view line) noexcept {
  const websocket_group::sent done = group_.send(line);
  bytes_told_ += line.size();
  if (counters_ == nullptr) return;
  counters_->messages_sent.add(done.taken);
  counters_->message_bytes_sent.add(done.taken * line.size());
  counters_->chat_dropped.add(done.dropped);
}

chat_socket::chat_socket(const socket_records& records, std::unique_ptr<log_entry> entry,
                         chat_members& members, std::string name)
    : site_socket(records, std::move(entry)),
      members_(members),
      name_(std::move(name)),
      self_(std::make_shared<chat_socket*>(this)) {}

// A member first, so that it learns its own name.
void chat_socket::on_begin(websocket_peer& peer) noexcept {
  peer_ = peer.handle();
  told_before_ = members_.bytes_told();
  if (const errc answer = members_.add(peer); answer != errc::ok) {
    static_cast<void>(peer.close(websocket::close_code::try_again_later, "the room is full"));
    return;
  }
  entered_ = true;
  name_ = members_.room().enter(name_);
}

void chat_socket::on_message(websocket_peer& peer, const websocket_message& message) noexcept {
  count_received(message.bytes.size(), true);
  if (!entered_) return;
  if (!message.is_text()) {
    static_cast<void>(peer.close(websocket::close_code::unacceptable_data, "text alone"));
    return;
  }
  static_cast<void>(peer.hold());
  members_.room().say(name_, message.text(), members_.loop(), [self = self_] {
    if (*self != nullptr) static_cast<void>((*self)->peer_->resume());
  });
}

void chat_socket::on_end() noexcept {
  *self_ = nullptr;
  log_sent(members_.bytes_told() - told_before_);
  if (entered_) members_.room().leave(name_);
}

}  // namespace drywire::tools
