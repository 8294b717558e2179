// An HTTP/1.1 client's side of one connection, RFC 9112: bytes and time in; responses, request
// bytes and a deadline out.
//
// Facts enter by advance(), receive() and receive_eof(). Wishes enter by apply() or its named
// twins. Events come from the cursor, bytes from output(). The transport is connected already; the
// first request may be wished for at once.
//
// An exchange is a request and its final response. It begins with a wish, and lasts until the
// response has ended and the request has left; exchange_over tells. Up to
// client_limits::requests_max requests may be without their response; they are answered in order.
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

/// An interim response, 100 or 103 for example; there may be several, or none, before the final
/// one.
struct informational {
  const response_head* head;  ///< valid until next()
  std::uint64_t exchange;
};

/// The head of the final response.
struct response {
  const response_head* head;  ///< valid until the next() behind response_end
  std::uint64_t exchange;     ///< counts from 1
};

/// The response is complete.
struct response_end {
  /// The connection takes further requests, when this exchange is over. If it doesn't, ending()
  /// becomes close. Before that, exchanges begun behind this one are `unanswered` if the peer said
  /// close, and answered if only we did.
  bool reusable;
};

/// The peer took up the Upgrade that was asked for (101), or opened the tunnel that was (2xx to
/// CONNECT). The machine reads no further: what is behind this head is in remaining(), for the
/// protocol that comes next. What of the request is queued still leaves. Always the last event.
struct switched {
  const response_head* head;  ///< valid until next()
  std::uint64_t exchange;
};

/// The peer closed the connection between two exchanges: nothing is lost. Always the last event.
struct peer_closed {};

using client_event =
    std::variant<informational, response, body, trailers, response_end, exchange_over, output_low,
                 switched, peer_closed, peer_error, transport_failed>;

// Wishes as data; client's members of the same name say what they do. Views live for the call.
// Those that both roles have are in http1_exchange.hpp.

namespace wish {

struct send_request {
  std::string_view method = "GET";
  std::string_view target = "/";
  field_list fields = {};
  const_bytes body = {};
  lifetime body_lifetime = lifetime::copied;
};
struct start_request {
  std::string_view method = "POST";
  std::string_view target = "/";
  field_list fields = {};
  std::optional<std::uint64_t> length = {};
};
struct stop_request {};

}  // namespace wish

using client_command =
    std::variant<wish::send_request, wish::start_request, wish::send, wish::pull_from, wish::finish,
                 wish::stop_request, wish::raise_body_limit, wish::hold_body, wish::resume_body,
                 wish::discard_body, wish::shut_down, wish::abort>;

class client_connection;

class client {
 public:
  using event = client_event;
  using command = client_command;
  using cursor = rest_cursor<client, event>;
  using switched = http1::switched;

  /// The block size to give the storage: what the default limits need.
  static constexpr std::size_t block_bytes = 24 * 1024;
  /// The least block size that works. Smaller blocks than block_bytes lower head_bytes_max,
  /// fields_max and trailer_bytes_max.
  static constexpr std::size_t block_bytes_min = 1024;
  /// client_limits::requests_max is at least 1 and at most this.
  static constexpr std::size_t requests_most = 8;
  /// A server that answers early may have stopped reading.
  static constexpr bool reads_while_blocked = true;

  /// `memory` outlives the machine and has blocks of at least block_bytes_min bytes. Holds no
  /// block until output is queued or a response begins.
  explicit client(storage& memory, const client_limits& limits = {}) noexcept;
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client();

  // Facts from outside.

  /// It is now t. Never called: no timeouts, and a body that waits for a 100 waits for ever.
  void advance(now t) noexcept;
  /// `in` is not written to; it has to live as long as the cursor, and as output lent from it.
  [[nodiscard]] cursor receive(mutable_bytes in) noexcept;
  /// The peer's side has ended behind the bytes received so far, none of which is kept. Clean: a
  /// FIN, under TLS a close_notify; it is the end of a body that has no other. Not clean: a reset,
  /// a truncation; it never is.
  void receive_eof(bool clean) noexcept;

  // Wishes. Each answers connection_gone when the connection is over, or ends after the exchanges
  // in progress, or our side of it has ended.
  //
  // Those with fields refuse (invalid_argument) names that aren't tokens, values with CR, LF, NUL
  // or other controls, and Transfer-Encoding, Connection (save "close", which is obeyed), TE (save
  // "trailers"), Expect (save "100-continue") and Content-Length that contradicts the body: the
  // framing is the machine's. It adds Content-Length or Transfer-Encoding, and Connection with what
  // Upgrade and TE want in there. It takes Host from the fields, where there has to be one unless
  // the target has an authority, and sends it first.

  /// A whole request. out_of_turn: requests_max are without a response, or the last one is
  /// incomplete, waits for a 100, or may switch protocols. invalid_argument, besides the above: the
  /// method is no token, the target none of the four forms or not the method's, there is no Host,
  /// or another one than the target's authority, CONNECT has a body, Expect has none. would_exceed:
  /// with the queued output it is over limits::output_bytes_max, which stable bytes don't count
  /// for; invalid_argument, if it is so alone.
  ///
  /// With Expect, the body stays here until the peer says 100 (Continue) or expect_timeout is over.
  /// If the final response comes before, the body never leaves, and the connection ends behind that
  /// response.
  errc send_request(std::string_view method, std::string_view target, field_list fields,
                    const_bytes body = {}, lifetime body_lifetime = lifetime::copied) noexcept;

  /// A request whose body follows by send() or pull_from(), and ends by finish(). Without a length,
  /// here or as a Content-Length among the fields, it is chunked: operation_not_supported if the
  /// peer is known for HTTP/1.0, RFC 9112 6.1. Other errors as in send_request().
  errc start_request(std::string_view method, std::string_view target, field_list fields,
                     std::optional<std::uint64_t> length = {}) noexcept;
  /// The next piece; nothing happens if it is empty. out_of_turn: no request is incomplete.
  /// would_exceed as above; invalid_argument, too, past the declared length.
  errc send(const_bytes bytes, lifetime bytes_lifetime = lifetime::copied) noexcept;
  /// The body, or its rest, comes from `source`, which lives as long as stable bytes. Ends the
  /// request by itself.
  errc pull_from(body_source& source) noexcept;
  /// Ends the body. Trailers go only with a chunked one; with a declared length they are an
  /// invalid_argument, as is an end before that length.
  errc finish(field_list trailers = {}) noexcept;
  /// The rest of the request's body isn't worth sending, because its response says so already. What
  /// hasn't left never will, our side of the connection ends, and the whole of it behind this
  /// response. out_of_turn: the request has left, or its response hasn't begun. The machine does
  /// this itself when the response announces the connection's end, RFC 9112 9.5.
  errc stop_request() noexcept;

  /// For this response alone, before its body is over the old limit. Lowers it, too. This and the
  /// next three: out_of_turn without a body that is still to come.
  errc raise_body_limit(std::uint64_t bytes) noexcept;
  /// No body events until resume_body(): the application isn't ready for more. Time doesn't run
  /// against the peer.
  errc hold_body() noexcept;
  errc resume_body() noexcept;
  /// The rest of the body is eaten without events (its limit stays), so that the connection can be
  /// used again.
  errc discard_body() noexcept;

  /// Closes after the exchanges in progress, or at once. Legal at any time.
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

  /// Exchanges that have begun and aren't over.
  [[nodiscard]] std::size_t outstanding() const noexcept;
  /// A request would not be out of turn, and the connection isn't gone.
  [[nodiscard]] bool takes_request() const noexcept;
  /// True while the body of a request, or the rest of it, is the application's turn.
  [[nodiscard]] bool request_open() const noexcept;
  /// Bytes queued for output, of any lifetime.
  [[nodiscard]] std::size_t queued() const noexcept;

 private:
  friend cursor;

  std::optional<event> next(mutable_bytes& rest) noexcept;
  client_connection& self() noexcept;
  const client_connection& self() const noexcept;

  // The connection itself, so that neither this header nor its users see the parser.
  alignas(8) std::byte space_[520];
};

static_assert(protocol<client>);

/// Whether the event points into the lent input: then it dies with that.
[[nodiscard]] inline bool lies_in_input(const client_event& e) noexcept {
  return std::holds_alternative<body>(e);
}

/// A response's head in words, for normalise().
template <class Trace>
void normalise_head(std::string_view name, const response_head& head, Trace& trace) {
  const char status[] = {static_cast<char>('0' + head.status / 100),
                         static_cast<char>('0' + head.status / 10 % 10),
                         static_cast<char>('0' + head.status % 10)};
  trace.event(name);
  trace.detail("status", {status, sizeof status});
  trace.detail("reason", head.reason);
  trace.detail("version", head.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1");
  for (const field& f : head.fields) trace.detail(f.name, f.value);
}

/// The event in words that don't depend on where the input was cut: what traces are compared by.
/// How far our own output got (exchange_over, output_low) depends on the transport and is left out.
template <class Trace>
void normalise(const client_event& e, Trace& trace) {
  if (const auto* interim = std::get_if<informational>(&e)) {
    normalise_head("informational", *interim->head, trace);
  } else if (const auto* start = std::get_if<response>(&e)) {
    normalise_head("response", *start->head, trace);
  } else if (const auto* piece = std::get_if<body>(&e)) {
    trace.piece("body", piece->bytes);
  } else if (const auto* behind = std::get_if<trailers>(&e)) {
    trace.event("trailers");
    for (const field& f : behind->fields) trace.detail(f.name, f.value);
  } else if (const auto* end = std::get_if<response_end>(&e)) {
    trace.event("response end");
    trace.detail("connection", end->reusable ? "goes on" : "ends");
  } else if (const auto* other = std::get_if<switched>(&e)) {
    normalise_head("switched", *other->head, trace);
  } else if (std::holds_alternative<peer_closed>(e)) {
    trace.event("peer closed");
  } else if (const auto* error = std::get_if<peer_error>(&e)) {
    trace.event("peer error");
    trace.detail("what", to_string(error->what));
  } else if (std::holds_alternative<transport_failed>(e)) {
    trace.event("transport failed");
  }
}

}  // namespace drywire::http1
