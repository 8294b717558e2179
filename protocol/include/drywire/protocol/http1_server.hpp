// An HTTP/1.1 server's side of one connection, RFC 9112: bytes and time in; requests, response
// bytes and a deadline out.
//
// Facts enter by advance(), receive() and receive_eof(). Wishes enter by apply() or its named
// twins. Events come from the cursor, bytes from output(). One request is read at a time; after
// its end the cursor waits for the end of its response, and later requests stay in remaining().
// So a drain is: receive(), next() until it gives nothing, keep remaining(), write output(). After
// a wish, or after consume_output(), there may be more: offer the kept bytes again.
//
// An exchange is a request and its response. It begins with the event `request` and lasts until
// the request has ended and the response is complete; its head is valid until then.
//
// Used from one thread at a time. Limits, faults and lifetimes: docs/http1.md.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/base/rest_cursor.hpp>
#include <drywire/base/storage.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/protocol/http1_exchange.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace drywire::http1 {

// Events; those that both roles have are in http1_exchange.hpp.

/// A request's head; the first event of an exchange.
struct request {
  const request_head* head;  ///< valid for the exchange
  std::uint64_t exchange;    ///< counts from 1
};

/// The request is complete.
struct request_end {};

/// Behind switch_protocols(): another protocol begins here. The machine reads no further: what is
/// behind this request is in remaining(), for that protocol. What is queued still leaves. Always
/// the last event.
struct server_switched {
  const request_head* head;  ///< the request that asked for it; valid until next()
  std::uint64_t exchange;
};

using server_event = std::variant<request, body, trailers, request_end, exchange_over, output_low,
                                  server_switched, peer_error, transport_failed>;

// Wishes as data; server's members of the same name say what they do. Views live for the call.
// Those that both roles have are in http1_exchange.hpp.

namespace wish {

struct respond {
  unsigned status = 200;
  field_list fields = {};
  const_bytes body = {};
  lifetime body_lifetime = lifetime::copied;
  std::string_view reason = {};
};
struct start_response {
  unsigned status = 200;
  field_list fields = {};
  std::optional<std::uint64_t> length = {};
  std::string_view reason = {};
};
struct inform {
  unsigned status = 100;
  field_list fields = {};
};
struct switch_protocols {
  field_list fields = {};
};

}  // namespace wish

using server_command =
    std::variant<wish::respond, wish::start_response, wish::send, wish::pull_from, wish::finish,
                 wish::inform, wish::switch_protocols, wish::raise_body_limit, wish::hold_body,
                 wish::resume_body, wish::discard_body, wish::shut_down, wish::abort>;

class server_connection;

class server {
 public:
  using event = server_event;
  using command = server_command;
  using cursor = rest_cursor<server, event>;
  using switched = server_switched;

  /// The block size to give the storage: what the default limits need.
  static constexpr std::size_t block_bytes = 24 * 1024;
  /// The least block size that works. Smaller blocks than block_bytes lower head_bytes_max,
  /// fields_max and trailer_bytes_max.
  static constexpr std::size_t block_bytes_min = 1024;

  /// The block size for a storage of beginnings: most heads fit.
  static constexpr std::size_t beginning_bytes = 2 * 1024;

  /// `memory` outlives the machine and has blocks of at least block_bytes_min bytes. Holds no
  /// block until a request begins or output is queued.
  explicit server(storage& memory, const limits& limits = {}) noexcept
      : server(memory, memory, limits) {}
  /// The same, but a request begins in a block of `beginnings`, which are smaller than those of
  /// `memory`, if no less than block_bytes_min. It moves to one of those when its head is too long,
  /// or its body is chunked: so peers that are slow with their heads hold little.
  server(storage& memory, storage& beginnings, const limits& limits = {}) noexcept;
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  // Facts from outside.

  /// It is now t. Never called: no timeouts, and no Date in responses.
  void advance(now t) noexcept;
  /// `in` is not written to; it has to live as long as the cursor, and as output lent from it.
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept;
  /// The peer's side has ended behind the bytes received so far, none of which is kept. Clean: a
  /// FIN; the response in progress still leaves. Not clean: a reset, a truncation.
  void receive_eof(bool clean) noexcept;

  // Wishes. Each answers connection_gone when the connection is over, and out_of_turn when there is
  // no exchange whose response is still to come, or its response isn't where the wish belongs.
  //
  // Those with fields refuse (invalid_argument) names that aren't tokens, values with CR, LF, NUL
  // or other controls, and Transfer-Encoding, Connection (save "close", which is obeyed) and
  // Content-Length that contradicts the body: the framing is the machine's. It adds Content-Length
  // or Transfer-Encoding, Connection, and Date unless there is one.

  /// A whole response. A body that the status has no place for (1xx, 204, 205, 304) is an
  /// invalid_argument; to HEAD the body isn't sent, only its length. would_exceed: with the queued
  /// output it is over limits::output_bytes_max, which stable bytes don't count for.
  /// invalid_argument, if it is so alone. If the request's body isn't complete then, the rest is
  /// discarded, or the connection closes if that is longer than limits::discard_bytes_max.
  errc respond(unsigned status, field_list fields = {}, const_bytes body = {},
               lifetime body_lifetime = lifetime::copied, std::string_view reason = {}) noexcept;

  /// A response whose body follows by send() or pull_from(), and ends by finish(). Without a length
  /// it is chunked, or for HTTP/1.0 ends with the connection. A Content-Length among the fields
  /// is taken for the length.
  errc start_response(unsigned status, field_list fields = {},
                      std::optional<std::uint64_t> length = {},
                      std::string_view reason = {}) noexcept;
  /// The next piece; nothing happens if it is empty. Errors as in respond(); invalid_argument, too,
  /// past the declared length.
  errc send(const_bytes bytes, lifetime bytes_lifetime = lifetime::copied) noexcept;
  /// The body, or its rest, comes from `source`, which lives as long as stable bytes. Ends the
  /// response by itself.
  errc pull_from(body_source& source) noexcept;
  /// Ends the body. Trailers go only with a chunked one; to HEAD and HTTP/1.0 they are dropped,
  /// with a declared length they are an invalid_argument, as is an end before that length.
  errc finish(field_list trailers = {}) noexcept;

  /// An informational response: 100, 102, 103 ... before the final one. A 100 that nobody waits
  /// for is out_of_turn. operation_not_supported: 101, and any to HTTP/1.0.
  errc inform(unsigned status, field_list fields = {}) noexcept;
  errc send_continue() noexcept { return inform(100); }

  /// Grants what the request asks for: 101 to Upgrade (RFC 9110 7.8), 200 to CONNECT, which may ask
  /// in HTTP/1.0, too (RFC 9110 9.3.6). A 100 (Continue) that was never said goes before it. The
  /// event `switched` follows; a refusal is a response like any other. out_of_turn: the request
  /// isn't complete yet, asks for neither, or comes behind shut_down(). invalid_argument: to
  /// Upgrade, the fields have no Upgrade, or name a protocol there that wasn't offered; to CONNECT,
  /// they have one; Connection or Content-Length is among them.
  errc switch_protocols(field_list fields = {}) noexcept;

  /// For this request alone, before its body is over the old limit. Lowers it, too.
  errc raise_body_limit(std::uint64_t bytes) noexcept;
  /// No body events, and no 100, until resume_body(): the application isn't ready for more. Time
  /// doesn't run against the peer.
  errc hold_body() noexcept;
  errc resume_body() noexcept;
  /// The rest of the body is eaten without events (its limit stays).
  errc discard_body() noexcept;

  /// Closes after the exchange in progress and its response, or at once. Legal at any time.
  errc shut_down() noexcept;
  /// Drops the connection and what is queued: ending() is reset.
  errc abort() noexcept;

  errc apply(const command& wish) noexcept;

  // Results.

  /// Pulls from a source, if there is one and the queue is low.
  [[nodiscard]] output_view output(std::size_t n) noexcept;
  /// Precondition: n is at most the size of the last output_view. Takes its fin, if n is all of it.
  void consume_output(std::size_t n) noexcept;
  /// no_memory: nothing changed, and the lent bytes are still needed.
  errc retain_output() noexcept;
  [[nodiscard]] instant deadline() const noexcept;
  [[nodiscard]] bool wants_input() const noexcept;
  [[nodiscard]] drywire::ending ending() const noexcept;

  // Getters.

  /// The number of the exchange in progress, 0 between exchanges.
  [[nodiscard]] std::uint64_t exchange() const noexcept;
  /// True while a response, or the rest of one, is the application's turn.
  [[nodiscard]] bool response_open() const noexcept;
  /// Bytes queued for output, of any lifetime.
  [[nodiscard]] std::size_t queued() const noexcept;

 private:
  friend cursor;

  std::optional<event> next(mutable_bytes& rest) noexcept;
  server_connection& self() noexcept;
  const server_connection& self() const noexcept;

  // The connection itself, so that neither this header nor its users see the parser.
  alignas(8) std::byte space_[408];
};

static_assert(protocol<server>);

/// Whether the event points into the lent input: then it dies with that.
[[nodiscard]] inline bool lies_in_input(const server_event& e) noexcept {
  return std::holds_alternative<body>(e);
}

/// The event in words that don't depend on where the input was cut: what traces are compared by.
/// How far our own output got (exchange_over, output_low) depends on the transport and is left out.
template <class Trace>
void normalise(const server_event& e, Trace& trace) {
  if (const auto* start = std::get_if<request>(&e)) {
    trace.event("request");
    trace.detail("method", start->head->method);
    trace.detail("target", start->head->target);
    trace.detail("version", start->head->minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1");
    for (const field& f : start->head->fields) trace.detail(f.name, f.value);
  } else if (const auto* piece = std::get_if<body>(&e)) {
    trace.piece("body", piece->bytes);
  } else if (const auto* behind = std::get_if<trailers>(&e)) {
    trace.event("trailers");
    for (const field& f : behind->fields) trace.detail(f.name, f.value);
  } else if (std::holds_alternative<request_end>(e)) {
    trace.event("request end");
  } else if (const auto* other = std::get_if<server_switched>(&e)) {
    trace.event("switched");
    trace.detail("method", other->head->method);
  } else if (const auto* error = std::get_if<peer_error>(&e)) {
    trace.event("peer error");
    trace.detail("what", to_string(error->what));
  } else if (std::holds_alternative<transport_failed>(e)) {
    trace.event("transport failed");
  }
}

}  // namespace drywire::http1
