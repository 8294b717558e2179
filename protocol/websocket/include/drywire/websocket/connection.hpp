// One side of a WebSocket connection behind its handshake, RFC 6455 and 7692: bytes and time in;
// messages, frames and a deadline out.
//
// Facts enter by advance(), receive() and receive_eof(); wishes by apply() and its named twins;
// events come from the cursor, bytes from output(). A message comes in pieces as its bytes do:
// nothing is gathered here, so a message of any size needs no memory. Pings are answered, and a
// Close is. Used from one thread at a time. Limits, faults, lifetimes: docs/websocket-machine.md.
//
//   switching<http1::server, websocket::connection>    // switching.hpp: one that begins with HTTP
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/entropy.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/base/rest_cursor.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/protocol/output_queue.hpp>
#include <drywire/websocket/frame.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace drywire::websocket {

// Events.

/// A piece of a message, decompressed and unmasked. A message that lies whole in the lent bytes
/// comes as one piece, apart from compressed ones. Text is UTF-8 as far as it has come: a piece may
/// end inside a character, the last one doesn't.
struct message {
  /// Valid until next(), or until the lent bytes die: they lie there, or in the machine's scratch.
  const_bytes bytes;
  websocket::kind kind;
  bool first;  ///< nothing of it came before
  bool last;   ///< it is complete; `bytes` may be empty then
};

/// The pong is queued already. Behind 16 that haven't left it will be when they have, unless
/// another ping comes until then: RFC 6455 5.5.3 has that one answered alone.
struct ping {
  const_bytes payload;  ///< valid until next(), or until the lent bytes die
};
struct pong {
  const_bytes payload;  ///< valid until next(), or until the lent bytes die
};

/// The peer's Close; ours, if it hadn't been sent, is queued. No message follows. Always the last
/// event: how the transport ends behind it means nothing.
struct closed {
  std::uint16_t code;       ///< close_code::no_status if the peer gave none
  std::string_view reason;  ///< UTF-8, up to 123 bytes; valid as a ping's payload
};

/// After an answer would_exceed: some output has left since, and what is queued isn't over
/// limits::output_low_bytes.
struct output_low {};

/// The peer broke a rule, or let time run out, or went away. Always the last event. A Close, where
/// close_code_of() names one, is queued.
struct peer_error {
  fault what;
};

using event = std::variant<message, ping, pong, closed, output_low, peer_error>;

/// Whether the event may point into the lent input: then it dies with that.
[[nodiscard]] inline bool lies_in_input(const event& e) noexcept {
  return !std::holds_alternative<output_low>(e) && !std::holds_alternative<peer_error>(e);
}

// Wishes as data; connection's members of the same name say what they do. Views live for the call.

namespace wish {

struct send {
  websocket::kind kind = websocket::kind::text;
  const_bytes bytes = {};
  lifetime bytes_lifetime = lifetime::copied;
};
struct start_message {
  websocket::kind kind = websocket::kind::text;
};
struct send_piece {
  const_bytes bytes = {};
  lifetime bytes_lifetime = lifetime::copied;
};
struct finish_message {};
struct send_prepared {
  prepared_message frame = {};
  lifetime bytes_lifetime = lifetime::copied;
};
struct send_ping {
  const_bytes payload = {};
};
struct send_pong {
  const_bytes payload = {};
};
struct close {
  std::uint16_t code = close_code::normal;
  std::string_view reason = {};
};
struct hold {};
struct resume {};
struct abort {};

}  // namespace wish

using command = std::variant<wish::send, wish::start_message, wish::send_piece,
                             wish::finish_message, wish::send_prepared, wish::send_ping,
                             wish::send_pong, wish::close, wish::hold, wish::resume, wish::abort>;

/// What a connection needs besides memory; all of it outlives the machine.
struct tools {
  /// A client's masking keys come from here, RFC 6455 5.3. A server needs none.
  entropy* keys = nullptr;
  /// What the handshake agreed on.
  std::optional<deflate_parameters> deflate = {};
  /// What we want of it: of this and what was agreed on, the less counts.
  websocket::compression compression = {};
  /// Blocks for the deflater and the inflater, of deflate::deflate_block_bytes() or larger. Without
  /// a block, messages are sent plain, and the peer's compressed ones fail with no_memory.
  storage* deflate_memory = nullptr;
};

class endpoint;

class connection {
 public:
  using event = websocket::event;
  using command = websocket::command;
  using cursor = rest_cursor<connection, event>;

  /// Pings and closes are taken while the peer doesn't read; who echoes uses hold().
  static constexpr bool reads_while_blocked = true;

  /// The block size to give the storage, and the least that works.
  static constexpr std::size_t block_bytes = 16 * 1024;
  static constexpr std::size_t block_bytes_min = 512;

  /// `memory` outlives the machine and has blocks of at least block_bytes_min. Holds none until
  /// output is queued, or a control frame comes in parts, or a message is compressed.
  /// Precondition: a client has `keys`.
  connection(role side, storage& memory, const limits& limits = {}, const tools& t = {}) noexcept;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  // Facts from outside.

  /// It is now t. Never called: no timeouts, and no pings of our own.
  void advance(now t) noexcept;
  /// `in` is unmasked in place; it has to live as long as the cursor, and as output lent from it.
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept;
  /// The peer's side has ended behind the bytes received so far, none of which is kept. Clean: a
  /// FIN; what is queued still leaves. Not clean: the transport failed.
  void receive_eof(bool clean) noexcept;

  // Wishes. What isn't ok changed nothing. connection_gone: behind the peer's Close, or an error.
  // out_of_turn: behind our Close.
  //
  // Text that isn't UTF-8 is an invalid_argument. would_exceed: with the queued output it is over
  // limits::output_bytes_max, which a server's stable bytes don't count for; invalid_argument, if
  // it is so alone. no_memory. Lent bytes live until retain_output(), stable ones until they have
  // left; a client copies what it sends, whatever its lifetime, because it is masked.

  /// A whole message in one frame, RFC 6455 5.6. It is compressed if that was agreed on and it has
  /// at least compression::message_bytes_min. out_of_turn: a started message isn't finished.
  errc send(kind what, const_bytes bytes, lifetime bytes_lifetime = lifetime::copied) noexcept;

  /// A message whose bytes follow by send_piece(), and which ends by finish_message(): as they are
  /// known, in a frame for each piece, RFC 6455 5.4. out_of_turn: one is started already; of the
  /// other two, none is.
  errc start_message(kind what) noexcept;
  /// Nothing happens if it is empty. A text may be cut inside a character.
  errc send_piece(const_bytes bytes, lifetime bytes_lifetime = lifetime::copied) noexcept;
  /// Never would_exceed. invalid_argument: a text ends inside a character.
  errc finish_message() noexcept;

  /// A frame that was made by prepare() for many connections; lent or stable bytes aren't copied.
  /// operation_not_supported: a client, which has to mask each frame by a key of its own, RFC 6455
  /// 5.3. invalid_argument: there is no plain frame. out_of_turn: a started message isn't finished.
  errc send_prepared(const prepared_message& frame,
                     lifetime bytes_lifetime = lifetime::copied) noexcept;

  /// RFC 6455 5.5.2. Up to control_bytes_max of payload, else invalid_argument. It may stand
  /// between the pieces of a message.
  errc send_ping(const_bytes payload = {}) noexcept;
  /// One that nobody asked for, RFC 6455 5.5.3.
  errc send_pong(const_bytes payload = {}) noexcept;

  /// Sends a Close; messages of the peer still come until its own. A started message stays
  /// unfinished. invalid_argument: a code that may not be sent, or a reason that is over 123 bytes
  /// or isn't UTF-8, or has no code. A code of close_code::no_status sends none. There is always
  /// room for it (RFC 6455 5.5.1, 7.1.2): never would_exceed.
  errc close(std::uint16_t code = close_code::normal, std::string_view reason = {}) noexcept;

  /// No messages, and nothing behind them, until resume(): the application isn't ready for more.
  /// message_timeout and the keep-alive don't run. Behind our Close, too; the peer's is behind its
  /// messages, so who closes resumes, and drops what it doesn't want.
  errc hold() noexcept;
  errc resume() noexcept;
  /// Drops the connection and what is queued: ending() is reset. Behind the Closes, too;
  /// connection_gone once it is reset.
  errc abort() noexcept;

  /// A wish as data: what the member of that name answers.
  errc apply(const command& wish) noexcept;

  // Results.

  [[nodiscard]] output_view output(std::size_t n) noexcept;
  /// Precondition: n is at most the size of the last output_view. Takes its fin, if n is all of it.
  void consume_output(std::size_t n) noexcept;
  /// no_memory: nothing changed, and the lent bytes are still needed.
  errc retain_output() noexcept;
  [[nodiscard]] instant deadline() const noexcept;
  [[nodiscard]] bool wants_input() const noexcept;
  [[nodiscard]] drywire::ending ending() const noexcept;

  // Getters.

  /// Bytes queued for output, of any lifetime.
  [[nodiscard]] std::size_t queued() const noexcept;
  /// Whether a started message isn't finished.
  [[nodiscard]] bool message_open() const noexcept;

 private:
  friend cursor;

  std::optional<event> next(mutable_bytes& rest) noexcept;
  endpoint& self() noexcept;
  const endpoint& self() const noexcept;

  // The connection itself, so that neither this header nor its users see its parts.
  alignas(8) std::byte space_[400];
};

static_assert(protocol<connection>);

namespace detail {

// All codes have four digits.
[[nodiscard]] constexpr char digit(std::uint16_t code, unsigned place) noexcept {
  return static_cast<char>('0' + code / place % 10);
}

}  // namespace detail

/// The event in words that don't depend on where the input was cut: what traces are compared by.
/// How far our own output got (output_low) depends on the transport and is left out.
template <class Trace>
void normalise(const event& e, Trace& trace) {
  if (const auto* part = std::get_if<message>(&e)) {
    if (part->first) trace.event(part->kind == kind::text ? "text" : "binary");
    trace.piece("bytes", part->bytes);
    if (part->last) trace.event("message end");
  } else if (const auto* asked = std::get_if<ping>(&e)) {
    trace.event("ping");
    trace.detail("payload", as_text(asked->payload));
  } else if (const auto* answered = std::get_if<pong>(&e)) {
    trace.event("pong");
    trace.detail("payload", as_text(answered->payload));
  } else if (const auto* end = std::get_if<closed>(&e)) {
    trace.event("closed");
    const char digits[] = {detail::digit(end->code, 1000), detail::digit(end->code, 100),
                           detail::digit(end->code, 10), detail::digit(end->code, 1)};
    trace.detail("code", std::string_view(digits, sizeof(digits)));
    trace.detail("reason", end->reason);
  } else if (const auto* error = std::get_if<peer_error>(&e)) {
    trace.event("peer error");
    trace.detail("what", to_string(error->what));
  }
}

}  // namespace drywire::websocket
