#include "websocket_frame.hpp"

#include <drywire/adapters/websocket_group.hpp>
#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/websocket/utf8.hpp>

#include <new>
#include <utility>

namespace drywire {

websocket_group::~websocket_group() {
  while (first_ != nullptr) remove(*first_);
}

// Members.

errc websocket_group::add(websocket_peer& peer) noexcept {
  if (!peer.open()) return errc::connection_gone;
  if (has(peer)) return errc::ok;
  if (size_ == options_.members_max) return errc::would_exceed;
  auto* const made =
      new (std::nothrow) websocket_membership{&peer, this, peer.memberships_, first_, nullptr};
  if (made == nullptr) return errc::no_memory;
  peer.memberships_ = made;
  if (first_ != nullptr) first_->previous = made;
  first_ = made;
  ++size_;
  return errc::ok;
}

websocket_membership* websocket_group::find(const websocket_peer& peer) const noexcept {
  for (websocket_membership* m = peer.memberships_; m != nullptr; m = m->next_of_peer) {
    if (m->group == this) return m;
  }
  return nullptr;
}

bool websocket_group::has(const websocket_peer& peer) const noexcept {
  return find(peer) != nullptr;
}

bool websocket_group::remove(websocket_peer& peer) noexcept {
  websocket_membership* const found = find(peer);
  if (found == nullptr) return false;
  remove(*found);
  return true;
}

void websocket_group::remove(websocket_membership& gone) noexcept {
  websocket_membership** at = &gone.peer->memberships_;
  while (*at != &gone) at = &(*at)->next_of_peer;
  *at = gone.next_of_peer;
  (gone.previous == nullptr ? first_ : gone.previous->next) = gone.next;
  if (gone.next != nullptr) gone.next->previous = gone.previous;
  --size_;
  delete &gone;
}

void websocket_group::leave_all(websocket_peer& peer) noexcept {
  for (websocket_membership* m = peer.memberships_; m != nullptr;) {
    websocket_membership& gone = *std::exchange(m, m->next_of_peer);
    gone.group->remove(gone);
  }
}

// Messages. No wish calls anybody back, so the list changes only here.

websocket_group::sent websocket_group::send(websocket::kind what, const_bytes bytes,
                                            const websocket_peer* except) noexcept {
  sent count;
  if (what == websocket::kind::text && !websocket::is_utf8(bytes)) return count;
  websocket_frame* frame = nullptr;  // made for the first that takes one
  const bool drops = options_.policy == slow_peer::drop;
  websocket_membership* next = first_;
  while (next != nullptr) {
    websocket_membership& member = *next;
    websocket_peer& peer = *member.peer;
    if (&peer == except || !peer.speaks()) {
      next = member.next;
      continue;
    }
    errc answer = send_to(peer, what, bytes, frame);
    if (answer == errc::no_memory && frame != nullptr && drops) {
      answer = send_making_room(member, what, bytes, frame, count);
    }
    next = member.next;  // not before: others may just have been dropped
    if (answer == errc::ok) {
      ++count.taken;
    } else if (answer == errc::would_exceed && drops) {
      drop(member, count);
    } else {
      ++count.refused;
    }
  }
  if (frame != nullptr) frame->release();
  return count;
}

// Members that let much wait have taken the memory that others need, each within its own limit:
// they go, the slowest first, until there is some.
errc websocket_group::send_making_room(const websocket_membership& member, websocket::kind what,
                                       const_bytes bytes, websocket_frame*& frame,
                                       sent& count) noexcept {
  errc answer = errc::no_memory;
  while (answer == errc::no_memory) {
    websocket_membership* const slowest = most_waiting();
    if (slowest == nullptr) return answer;
    if (slowest == &member) return errc::would_exceed;
    drop(*slowest, count);
    answer = send_to(*member.peer, what, bytes, frame);
  }
  return answer;
}

// Null if nothing waits for anybody.
websocket_membership* websocket_group::most_waiting() const noexcept {
  websocket_membership* slowest = nullptr;
  std::size_t most = 0;
  for (websocket_membership* m = first_; m != nullptr; m = m->next) {
    if (m->peer->queued() <= most) continue;
    most = m->peer->queued();
    slowest = m;
  }
  return slowest;
}

void websocket_group::drop(websocket_membership& slow, sent& count) noexcept {
  websocket_peer& peer = *slow.peer;
  ++count.dropped;
  remove(slow);
  static_cast<void>(peer.abort());
}

errc websocket_group::send_to(websocket_peer& peer, websocket::kind what, const_bytes bytes,
                              websocket_frame*& frame) const noexcept {
  const std::size_t size = websocket::prepared_bytes(bytes.size());
  const std::size_t waiting = peer.queued();
  if (size > options_.queued_bytes_max) return errc::invalid_argument;  // nobody is slow by that
  if (waiting > options_.queued_bytes_max - size) return errc::would_exceed;
  if (peer.role() == websocket::role::client) return peer.send(what, bytes);
  if (frame == nullptr) frame = websocket_frame::make(what, bytes);
  return frame == nullptr ? errc::no_memory : peer.send_shared(*frame);
}

void websocket_group::close(std::uint16_t code, std::string_view reason) noexcept {
  for (websocket_membership* m = first_; m != nullptr; m = m->next) {
    static_cast<void>(m->peer->close(code, reason));
  }
}

}  // namespace drywire
