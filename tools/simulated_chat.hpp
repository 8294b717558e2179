// The server's side of a simulated chat: rooms, in which everybody is told what anybody says.
//
// Who says something numbers it, and the room numbers what it tells: so each side sees at once when
// a message is lost, repeated or out of order. What both ends write down shows it for the last
// ones, behind which no other comes.
#pragma once

#include "simulated_user.hpp"

#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/websocket_group.hpp>
#include <drywire/adapters/websocket_peer.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace drywire::tools {

/// Every message is numbers, then letters that follow from the last two of them, and a full stop.
///
///   to a room    NUMBER LETTERS           of all that this connection says: 1, 2 ...
///   from a room  NUMBER                   welcome: so many messages were before
///   from a room  NUMBER WHO NUMBER LETTERS
///
/// The `count` numbers at the front of `text`, which is shortened by them; false if there aren't.
[[nodiscard]] bool take_numbers(std::string_view& text, std::uint64_t* to, std::size_t count);
inline constexpr char chat_end = '.';
/// The letter at a position of what a connection says under a number.
[[nodiscard]] char chat_letter(std::uint64_t who, std::uint64_t number, std::size_t at) noexcept;

/// What the two ends of a connection know of it.
struct chat_record {
  std::uint64_t said = 0;  ///< by the client so far
  bool said_close = false;
  bool dropped = false;  ///< by the client, without a goodbye
  /// The server has seen the client's Close, and by then had told it all up to this number.
  bool heard_close = false;
  std::uint64_t told = 0;
};

class simulated_chat {
 public:
  explicit simulated_chat(client_plan& plan) noexcept;
  simulated_chat(const simulated_chat&) = delete;
  simulated_chat& operator=(const simulated_chat&) = delete;
  ~simulated_chat();

  /// "/chat/ROOM/WHO"; false for any other target.
  bool answer(exchange& x);

  /// Of a connection that is being made; `who` is unique.
  chat_record& begin(std::uint64_t who) { return records_[who]; }
  /// Once the client has seen its end. The server may see it later, and then looks at nothing.
  void forget(std::uint64_t who) { records_.erase(who); }

  /// Connections that are open on the server.
  [[nodiscard]] std::size_t guests() const noexcept { return guests_.size(); }

 private:
  class guest;
  struct room {
    websocket_group everybody;
    std::uint64_t number = 0;  // of the last message
  };

  void tell(room& in, std::uint64_t who, std::uint64_t number, std::string_view letters);

  client_plan& plan_;
  std::map<std::uint64_t, room> rooms_;
  std::map<std::uint64_t, chat_record> records_;
  std::map<std::uint64_t, std::unique_ptr<guest>> guests_;
  std::string told_;
};

/// Whether a connection may end so where the network loses what it is given: by silence, or a
/// reset, before the handshake or behind it. Everything else is somebody's mistake.
[[nodiscard]] bool is_loss(const websocket_outcome& how) noexcept;

}  // namespace drywire::tools
