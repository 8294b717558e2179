// One request and its response, as an HTTP server's application sees it.
#pragma once

#include <drywire/adapters/counted_handle.hpp>
#include <drywire/adapters/owned_body_source.hpp>
#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/base/inplace_function.hpp>
#include <drywire/loop/endpoint.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/protocol/http1_server.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire {

class exchange;
class http_connection;
class websocket_handler;
class websocket_peer;
struct websocket_message;
struct websocket_options;
struct websocket_outcome;
template <class T>
class object_pool;

/// Copyable; keeps the exchange object, not the connection.
using exchange_handle = counted_handle<exchange>;

/// Belongs to its server. A reference is good within the callback that it was given to; what
/// answers later keeps a handle(). Every wish answers connection_gone once the exchange is over.
/// What a wish writes leaves at the end of the loop's turn, together with what else is queued.
class exchange {
 public:
  using body_callback = inplace_function<void(exchange&, const_bytes body)>;
  using piece_callback = inplace_function<void(exchange&, const_bytes piece, bool last)>;
  using drained_callback = inplace_function<void(exchange&)>;
  using end_callback = inplace_function<void(bool complete)>;
  using message_callback =
      inplace_function<void(websocket_peer&, const websocket_message&), 6 * sizeof(void*)>;

  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  /// Precondition: the request or the response isn't complete yet. Valid until both are.
  [[nodiscard]] const http1::request_head& request() const noexcept { return *head_; }
  /// The fields behind a chunked body, once the body has come to its end.
  [[nodiscard]] std::span<const http1::field> trailers() const noexcept { return trailers_; }
  /// False once the exchange is over: the response has left, or the connection has died.
  [[nodiscard]] bool open() const noexcept { return connection_ != nullptr; }
  /// Precondition: open().
  [[nodiscard]] endpoint peer() const noexcept;
  /// Keeps the exchange reachable beyond the callback.
  [[nodiscard]] exchange_handle handle() noexcept;

  // The request's body. A client that expects a 100 (Continue) gets it when the body is asked for.
  // The body of a request that is answered unread is discarded.

  /// The whole body in one call, an empty one too. A body over `bytes_max` is answered with 413
  /// before it comes here. Precondition: the body wasn't asked for before.
  void collect_body(std::size_t bytes_max, body_callback on_body);
  /// Each piece as it comes, and behind the last one an empty piece with `last`. A piece is valid
  /// for the call. Nothing is read from a peer that doesn't read its response. The limit is
  /// http1::limits::body_bytes_max, unless raise_body_limit() came before. Precondition as above.
  void read_body(piece_callback on_piece);
  errc raise_body_limit(std::uint64_t bytes) noexcept;

  // The response. Statuses, fields and errors: http1::server, whose members these are.

  /// A whole response; `body` is copied.
  errc respond(unsigned status, http1::field_list fields = {}, std::string_view body = {}) noexcept;
  /// A response whose body `source` makes while it is sent. Without a length it is chunked. The
  /// source is destroyed when the exchange is over, or here if the answer isn't ok.
  errc respond_from(unsigned status, http1::field_list fields,
                    std::unique_ptr<owned_body_source> source,
                    std::optional<std::uint64_t> length = {}) noexcept;
  /// A source that said `later` has bytes now.
  void pull_again() noexcept;

  /// A response whose body follows by send() and ends with finish().
  errc start(unsigned status, http1::field_list fields = {},
             std::optional<std::uint64_t> length = {}) noexcept;
  /// Copies `bytes`. would_exceed: nothing was taken, on_drained says when there is room again.
  errc send(const_bytes bytes) noexcept;
  errc send(std::string_view text) noexcept { return send(text_bytes(text)); }
  /// As send(), for a piece that read_body() gave, from within that call: it isn't copied unless
  /// the peer is slow.
  errc send_back(const_bytes piece) noexcept;
  errc finish(http1::field_list trailers = {}) noexcept;

  /// Goes on as WebSocket: websocket_peer.hpp. True: `handler` is told, and lives until its
  /// on_closed; the exchange is over when it is told on_open. The rest of the request is discarded.
  /// False: nobody is told, since the exchange is over, or was answered here: what isn't a good
  /// opening handshake with 400 or 426, what comes from a foreign page with 403, what there is no
  /// memory for with 503, or a reset.
  bool accept_websocket(websocket_handler& handler, const websocket_options& options) noexcept;
  bool accept_websocket(websocket_handler& handler) noexcept;
  /// The same, with every whole message to `on_message`, and nothing else.
  bool accept_websocket(message_callback on_message, const websocket_options& options) noexcept;
  bool accept_websocket(message_callback on_message) noexcept;
  /// The other side of what was accepted, to abandon it before its on_open, for instance; null from
  /// there on, and if there is none.
  [[nodiscard]] websocket_peer* websocket() const noexcept { return websocket_; }

  /// Each time that there is room again after a would_exceed.
  void on_drained(drained_callback callback) { on_drained_ = std::move(callback); }
  /// Once, at the end. `complete`: the whole response was handed to the operating system.
  void on_end(end_callback callback) { on_end_ = std::move(callback); }

  /// Drops the connection, with a RST.
  void abort() noexcept;

 private:
  friend class http_connection;
  friend struct websocket_maker;
  friend exchange_handle;
  friend object_pool<exchange>;

  enum class reading : unsigned char { none, collecting, pieces, discarding, done };

  explicit exchange(object_pool<exchange>& pool) noexcept : pool_(&pool) {}
  ~exchange() = default;

  void begin(http_connection& connection, const http1::request& event) noexcept;
  void take_body(const_bytes piece) noexcept;
  void end_body() noexcept;
  void tell_drained() noexcept;
  void end(bool complete) noexcept;
  void ask_body() noexcept;
  void answer_if_forgotten() noexcept;
  [[nodiscard]] bool may_become_websocket(const websocket_options& options) noexcept;
  bool begin_websocket(websocket_handler& handler, const websocket_options& options) noexcept;
  errc switch_protocols() noexcept;
  void fail_websocket(errc why) noexcept;
  void refuse_websocket(unsigned status, http1::field_list fields = {}) noexcept;
  void lose_websocket(const websocket_outcome& how) noexcept;
  [[nodiscard]] http1::server* machine() noexcept;
  void retain() noexcept { ++references_; }
  void release() noexcept;
  [[nodiscard]] bool is_small() const noexcept;

  http_connection* connection_ = nullptr;
  const http1::request_head* head_ = nullptr;
  std::span<const http1::field> trailers_;
  std::uint64_t number_ = 0;
  unsigned references_ = 0;
  reading reading_ = reading::none;
  std::vector<std::byte> collected_;
  std::unique_ptr<owned_body_source> source_;
  websocket_peer* websocket_ = nullptr;  // what it goes on as, when the request is complete
  body_callback on_body_;
  piece_callback on_piece_;
  drained_callback on_drained_;
  end_callback on_end_;
  exchange* next_ = nullptr;  // a later exchange of the connection, or the next spare one
  object_pool<exchange>* pool_;
};

}  // namespace drywire
