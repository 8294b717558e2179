// Broadcast: one message to many peers, written once, with a bound on what waits for each.
//
//   drywire::websocket_group room;
//   room.add(peer);                      // in on_open; it leaves by itself when it closes
//   room.send(message.kind, message.bytes);
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace drywire {

class websocket_frame;
class websocket_peer;
struct websocket_membership;

/// What becomes of a message to a peer that has too much waiting already.
enum class slow_peer : std::uint8_t {
  refuse_message,  ///< this peer doesn't get this message
  drop,            ///< its connection is aborted; also the slowest ones' when memory runs out
};

struct websocket_group_options {
  slow_peer policy = slow_peer::drop;
  /// Of output waiting for one peer, with the message that is about to be sent. What many peers
  /// wait for is held once.
  std::size_t queued_bytes_max = std::size_t{1} << 20;
  std::size_t members_max = SIZE_MAX;
};

/// One thread, the loop's. May die before its members, and the other way round; a peer may be in
/// several.
class websocket_group {
 public:
  explicit websocket_group(const websocket_group_options& options = {}) noexcept
      : options_(options) {}
  websocket_group(const websocket_group&) = delete;
  websocket_group& operator=(const websocket_group&) = delete;
  /// Its members aren't closed.
  ~websocket_group();

  /// Nothing happens if it is a member. connection_gone: it is over. would_exceed: members_max.
  /// no_memory. Any state before that will do: until its on_open a member gets nothing.
  errc add(websocket_peer& peer) noexcept;
  /// False: it was no member.
  bool remove(websocket_peer& peer) noexcept;
  [[nodiscard]] bool has(const websocket_peer& peer) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  struct sent {
    std::size_t taken = 0;    ///< peers that will get it, unless they go away
    std::size_t refused = 0;  ///< by slow_peer::refuse_message, or because there is no memory, or
                              ///< another message has begun, or it is closing
    std::size_t dropped = 0;  ///< by slow_peer::drop; they aren't members any more
  };
  /// A message to every member that speaks, but for `except`. Calls nobody back. Text that isn't
  /// UTF-8 goes to nobody. One that alone is over queued_bytes_max is refused by all.
  sent send(websocket::kind what, const_bytes bytes,
            const websocket_peer* except = nullptr) noexcept;
  sent send(std::string_view text, const websocket_peer* except = nullptr) noexcept {
    return send(websocket::kind::text, text_bytes(text), except);
  }
  /// Close, to every member.
  void close(std::uint16_t code = websocket::close_code::going_away,
             std::string_view reason = {}) noexcept;

 private:
  friend websocket_peer;

  [[nodiscard]] websocket_membership* find(const websocket_peer& peer) const noexcept;
  void remove(websocket_membership& gone) noexcept;
  static void leave_all(websocket_peer& peer) noexcept;
  errc send_to(websocket_peer& peer, websocket::kind what, const_bytes bytes,
               websocket_frame*& frame) const noexcept;
  errc send_making_room(const websocket_membership& member, websocket::kind what, const_bytes bytes,
                        websocket_frame*& frame, sent& count) noexcept;
  [[nodiscard]] websocket_membership* most_waiting() const noexcept;
  void drop(websocket_membership& slow, sent& count) noexcept;

  websocket_group_options options_;
  websocket_membership* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace drywire
