// The other side of a WebSocket, as an application sees it in either role.
//
//   struct echo final : drywire::websocket_handler {
//     void on_message(drywire::websocket_peer& peer,
//                     const drywire::websocket_message& m) noexcept override {
//       static_cast<void>(peer.send_back(m));
//     }
//   };
//
// A server's come from exchange::accept_websocket(), a client's from websocket_client::connect().
// One thread, the loop's.
#pragma once

#include <drywire/adapters/counted_handle.hpp>
#include <drywire/adapters/websocket_options.hpp>
#include <drywire/adapters/websocket_outcome.hpp>
#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/inplace_function.hpp>
#include <drywire/loop/endpoint.hpp>
#include <drywire/websocket/connection.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace drywire {

class websocket_frame;
class websocket_group;
class websocket_part;
class websocket_peer;
struct websocket_frame_use;
struct websocket_membership;
struct websocket_owner;
struct websocket_resources;

namespace co::detail {
class websocket_state;
}

/// Copyable; keeps the object, not the connection.
using websocket_handle = counted_handle<websocket_peer>;

/// A whole message.
struct websocket_message {
  websocket::kind kind;
  const_bytes bytes;  ///< valid for the call

  [[nodiscard]] bool is_text() const noexcept { return kind == websocket::kind::text; }
  /// UTF-8 if is_text().
  [[nodiscard]] std::string_view text() const noexcept { return as_text(bytes); }
};

/// What peers tell, on the loop's thread. One handler may serve any number of them; it lives until
/// the last on_closed, or until another takes its place. Any of these may make wishes.
class websocket_handler {
 public:
  /// A client's: what the server said to the handshake, valid for the call. Before on_open, or
  /// before an on_closed that says `refused` or `bad_handshake`.
  virtual void on_response(websocket_peer&, const http1::response_head&) noexcept {}
  /// The handshake is over. Comes first, if at all, but for on_response.
  virtual void on_open(websocket_peer&) noexcept {}
  /// A whole message, unless websocket_options::pieces says otherwise.
  virtual void on_message(websocket_peer&, const websocket_message&) noexcept {}
  /// With websocket_options::pieces: a part of a message; its bytes are valid for the call.
  virtual void on_piece(websocket_peer&, const websocket::message&) noexcept {}
  /// The pong is on its way already.
  virtual void on_ping(websocket_peer&, const_bytes /*payload*/) noexcept {}
  virtual void on_pong(websocket_peer&, const_bytes /*payload*/) noexcept {}
  /// There is room again after an answer would_exceed.
  virtual void on_drained(websocket_peer&) noexcept {}
  /// The last one, exactly once, also if there was no on_open. Every wish answers connection_gone;
  /// what was queued may still be leaving.
  virtual void on_closed(websocket_peer&, const websocket_outcome&) noexcept = 0;

 protected:
  websocket_handler() = default;
  websocket_handler(const websocket_handler&) = default;
  websocket_handler& operator=(const websocket_handler&) = default;
  ~websocket_handler() = default;
};

/// In place of a handler: every whole message, and nothing else; not how it ended.
using websocket_callback =
    inplace_function<void(websocket_peer&, const websocket_message&), 6 * sizeof(void*)>;

/// A reference is good within the callback that it was given to; what acts later keeps a handle().
/// What a wish writes leaves at the end of the loop's turn, together with what else is queued.
class websocket_peer final {
 public:
  websocket_peer(const websocket_peer&) = delete;
  websocket_peer& operator=(const websocket_peer&) = delete;

  /// False from on_closed on.
  [[nodiscard]] bool open() const noexcept { return state_ != state::over; }
  /// Messages may be sent: the handshake is over, and the connection isn't.
  [[nodiscard]] bool speaks() const noexcept { return state_ == state::speaking; }
  /// Keeps the peer reachable beyond the callback.
  [[nodiscard]] websocket_handle handle() noexcept { return websocket_handle(*this); }
  /// Where it is; nothing before there is a connection, and once it is over.
  [[nodiscard]] std::optional<endpoint> address() const noexcept;
  /// The subprotocol that was agreed on; empty if there is none.
  [[nodiscard]] std::string_view protocol() const noexcept { return protocol_; }
  /// permessage-deflate was agreed on.
  [[nodiscard]] bool compresses() const noexcept { return deflate_.has_value(); }
  /// Ours.
  [[nodiscard]] websocket::role role() const noexcept { return role_; }

  // Wishes; errors are those of websocket::connection's members. Each answers connection_gone once
  // it is over, and out_of_turn before on_open.

  /// A whole message. would_exceed: nothing was taken; on_drained says when there is room again.
  errc send(websocket::kind what, const_bytes bytes) noexcept;
  /// Text, which has to be UTF-8.
  errc send(std::string_view text) noexcept {
    return send(websocket::kind::text, text_bytes(text));
  }
  errc send_binary(const_bytes bytes) noexcept { return send(websocket::kind::binary, bytes); }
  /// A message that on_message() gave, from within that call: it isn't copied, if it came from this
  /// peer and that can be helped.
  errc send_back(const websocket_message& message) noexcept;

  /// A message in pieces, of any size together; each is a frame.
  errc start_message(websocket::kind what) noexcept;
  errc send_piece(const_bytes bytes) noexcept;
  errc send_piece(std::string_view text) noexcept { return send_piece(text_bytes(text)); }
  errc finish_message() noexcept;

  /// Up to websocket::control_bytes_max of payload; on_pong tells the answer.
  errc send_ping(const_bytes payload = {}) noexcept;

  /// Says Close; on_closed comes with the peer's answer, at the latest after limits::close_timeout.
  /// Messages still come until then; but if it is held now they are dropped, because that answer is
  /// behind them: who wants them resumes first, or holds behind it.
  errc close(std::uint16_t code = websocket::close_code::normal,
             std::string_view reason = {}) noexcept;
  /// Drops the connection. on_closed says `aborted`, at the end of the turn or later.
  errc abort() noexcept;

  /// Closes, or aborts if it isn't open yet, and tells nobody any more: its handler may die.
  /// Precondition as in set_handler().
  errc abandon(std::uint16_t code = websocket::close_code::going_away) noexcept;

  /// No messages until resume(): the peer is made to wait, also with its answer to a Close.
  errc hold() noexcept;
  errc resume() noexcept;

  /// Bytes that wait to leave.
  [[nodiscard]] std::size_t queued() const noexcept;

  /// Another handler from here on. Precondition: the present one isn't that of a
  /// websocket_callback.
  void set_handler(websocket_handler& handler) noexcept { handler_ = &handler; }

 private:
  friend websocket_handle;
  friend class exchange;
  friend class http_connection;
  friend class websocket_client;
  friend class websocket_client_connection;
  friend websocket_group;
  friend websocket_part;
  friend co::detail::websocket_state;

  enum class state : std::uint8_t { opening, speaking, over };
  enum class telling : std::uint8_t { nothing, input, gathered };

  websocket_peer(websocket::role role, websocket_resources& resources,
                 websocket_handler& handler) noexcept
      : resources_(&resources), handler_(&handler), role_(role) {}
  ~websocket_peer();

  // From the connection that it is the other side of.
  void belong_to(void* connection, const websocket_owner& owner) noexcept;
  void make_machine(const websocket_options& options) noexcept;
  void begin() noexcept;
  void take(websocket::event& event) noexcept;
  void end(const websocket_outcome& how) noexcept;
  /// Says goodbye, because the server or client goes away.
  void leave() noexcept;
  /// What it belonged to dies.
  void lose_machine() noexcept;

  void say_close(std::uint16_t code) noexcept;
  /// hold() of whoever wants the rest later, in any case.
  errc pause() noexcept;
  void stop_listening() noexcept;
  void take_message(const websocket::message& piece) noexcept;
  void tell(const websocket_message& message, telling from) noexcept;
  [[nodiscard]] bool gather(const_bytes bytes) noexcept;
  void forget_gathered() noexcept;
  errc send_shared(websocket_frame& frame) noexcept;
  void release_frames(std::uint64_t left) noexcept;
  [[nodiscard]] errc turn() const noexcept;
  websocket::connection& call() noexcept;
  void retain() noexcept { ++references_; }
  void release() noexcept {
    if (--references_ == 0) delete this;
  }

  websocket_resources* resources_;
  websocket_handler* handler_;
  const websocket_owner* owner_ = nullptr;  // null once the connection has gone
  void* connection_ = nullptr;
  union {
    websocket::connection machine_;  // if has_machine_
  };
  std::optional<websocket::deflate_parameters> deflate_;
  std::string_view protocol_;
  std::vector<std::byte> gathered_;              // of a message that came in parts
  websocket_membership* memberships_ = nullptr;  // in groups
  websocket_frame_use* last_frame_ = nullptr;    // shared ones that haven't left: a ring
  std::uint64_t left_ = 0;                       // bytes of output that have
  unsigned references_ = 0;
  state state_ = state::opening;
  telling telling_ = telling::nothing;  // where the message lies that on_message() is given
  websocket::role role_;
  bool has_machine_ = false;
  bool pieces_ = false;
  bool shares_deflated_ = false;  // frames that were compressed for many do for this one
  bool aborted_ = false;
  bool held_ = false;  // by the application
  bool deaf_ = false;  // what of messages still comes is dropped
};

}  // namespace drywire
