// One request and its response, as an HTTP client's application sees it.
#pragma once

#include <drywire/adapters/counted_handle.hpp>
#include <drywire/adapters/http_outcome.hpp>
#include <drywire/adapters/owned_body_source.hpp>
#include <drywire/base/bytes.hpp>
#include <drywire/base/inplace_function.hpp>
#include <drywire/loop/timer.hpp>
#include <drywire/protocol/http1.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drywire {

class http_call;
class http_client;
class http_client_connection;
class http_collector;
class http_decoding;
class http_origin;
template <class T>
class object_pool;

/// Copyable; keeps the call object.
using http_call_handle = counted_handle<http_call>;

/// What is asked for. Views live for the call that takes it.
struct http_request {
  std::string_view method = "GET";
  /// http://host[:port][/path][?query]. The host is a name or a number, IPv6 in brackets; a
  /// fragment is ignored. Without a path OPTIONS asks about the whole server.
  std::string_view url = {};
  /// Host is added if it isn't among them. Framing is the machine's: http1::client says which
  /// fields it takes. Upgrade, like the method CONNECT, is an operation_not_supported.
  http1::field_list fields = {};
  /// Copied. Sent again where the request is.
  std::string_view body = {};
  /// The body instead, made while it is sent.
  std::unique_ptr<owned_body_source> source = {};
  /// Of the source: without it the body is chunked, which servers of HTTP/1.0 don't understand.
  std::optional<std::uint64_t> source_length = {};
  /// Redirects to follow, RFC 9110 15.4. With 0 they are responses like any other.
  unsigned redirects_max = 0;
  /// Asks for the codings gzip and deflate, unless the fields have an Accept-Encoding, and undoes
  /// them. The head is told as it came; a part (206) stays encoded.
  bool decode = false;
  /// Of the response's body, in bytes; past it the fault is content_too_large. Decoded, it has the
  /// same limit: coding_too_large.
  std::uint64_t body_bytes_max = UINT64_MAX;
  /// For all of it, from start() to on_end. None, because a large body may well take hours: that
  /// it doesn't stop is for http1::client_limits to see to.
  duration timeout = duration::max();
};

/// What a call tells, on the loop's thread. Any of these may cancel the call, or start others.
/// Lives until on_end was called, or http_call::abandon().
class http_call_handler {
 public:
  /// An interim response; valid for the call.
  virtual void on_informational(http_call&, const http1::response_head&) noexcept {}
  /// A redirect that is followed, to the URL `to`. Both valid for the call.
  virtual void on_redirect(http_call&, const http1::response_head&,
                           std::string_view /*to*/) noexcept {}
  /// The final response. Valid until the last on_body or on_trailers has returned.
  virtual void on_head(http_call&, const http1::response_head&) noexcept = 0;
  /// A piece of its body, never empty; valid for the call.
  virtual void on_body(http_call&, const_bytes piece) noexcept = 0;
  /// The fields behind a chunked body, if there are any. Valid as the head.
  virtual void on_trailers(http_call&, std::span<const http1::field>) noexcept {}
  /// The last one, exactly once, never from within start() or cancel(). The call is over.
  virtual void on_end(http_call&, const http_outcome&) noexcept = 0;

 protected:
  http_call_handler() = default;
  http_call_handler(const http_call_handler&) = default;
  http_call_handler& operator=(const http_call_handler&) = default;
  ~http_call_handler() = default;
};

/// Belongs to its client. A reference is good within the callback that it was given to; what acts
/// later keeps a handle(). One thread, the loop's.
class http_call final : private http1::body_source, private timer {
 public:
  http_call(const http_call&) = delete;
  http_call& operator=(const http_call&) = delete;

  /// False once it is over.
  [[nodiscard]] bool open() const noexcept { return client_ != nullptr; }
  /// Keeps the call reachable beyond the callback.
  [[nodiscard]] http_call_handle handle() noexcept;
  /// Where it is, or was, after the redirects that were followed.
  [[nodiscard]] std::string_view url() const noexcept { return url_; }

  // Each answers connection_gone when the call is over.

  /// No on_body until resume(); the peer is made to wait. The timeout of the call runs on.
  errc hold() noexcept;
  errc resume() noexcept;
  /// Ends it now: on_end says `cancelled` at the end of the turn, and nothing comes before. A
  /// connection that it was on is dropped.
  errc cancel() noexcept;
  /// The same, but the handler is told nothing more, and may die.
  errc abandon() noexcept;
  /// The source said `later`, and has bytes now.
  errc pull_again() noexcept;

 private:
  friend http_call_handle;
  friend object_pool<http_call>;
  friend class http_client;
  friend class http_client_connection;
  friend class http_origin;

  // What is put off to the end of the turn.
  enum class later : unsigned char { nothing, deliver, restart, end };

  explicit http_call(object_pool<http_call>& pool) noexcept;
  ~http_call() override;

  [[nodiscard]] http_outcome keep(http_request& request, std::size_t url_bytes_max);
  [[nodiscard]] http_outcome set_url(std::string_view text, std::size_t url_bytes_max);
  void keep_fields(http1::field_list fields, bool decode);
  [[nodiscard]] bool rewind() noexcept;
  [[nodiscard]] bool begin_decoding(const http1::response_head& head);
  void take_body(const_bytes piece);
  void deliver();
  void go_on();
  void end_body();
  [[nodiscard]] http_outcome redirect(const http1::response_head& head, std::size_t url_bytes_max);
  void ask_by_get();
  void leave() noexcept;
  void end(const http_outcome& how) noexcept;
  void retain() noexcept { ++references_; }
  void release() noexcept;
  [[nodiscard]] bool is_small() const noexcept;

  result pull(mutable_bytes to) noexcept override;
  void on_timer() noexcept override;

  http_client* client_ = nullptr;                 // null once it is over
  http_origin* origin_ = nullptr;                 // in whose queue it waits
  http_client_connection* connection_ = nullptr;  // or where it is under way
  http_call_handler* handler_ = nullptr;

  // The request, kept for as long as it may have to be sent again.
  std::string method_;
  std::string url_;
  std::string authority_;    // of the URL; what origins are told apart by
  std::string_view target_;  // a part of url_
  std::string text_;         // what fields_ looks at
  std::vector<http1::field> fields_;
  std::string body_;
  std::unique_ptr<owned_body_source> source_;
  std::optional<std::uint64_t> source_length_;
  std::uint64_t body_bytes_max_ = 0;
  unsigned redirects_left_ = 0;

  unsigned references_ = 0;
  bool own_host_ = false;  // Host is among the fields
  bool follows_ = false;   // redirects
  bool held_ = false;      // hold()
  bool pulled_ = false;    // the source has given bytes
  bool source_failed_ = false;
  bool resent_ = false;  // it only goes on a connection that wasn't used before
  later later_ = later::nothing;
  bool wants_decoded_ = false;
  bool decodes_ = false;  // the present response
  bool floats_ = false;   // the response is complete, but decoded bytes are still to be told
  http_outcome outcome_;
  std::unique_ptr<http_collector> collector_;
  std::unique_ptr<http_decoding> decoding_;
  http_call* next_ = nullptr;  // in a queue, or the next spare one
  http_call* previous_ = nullptr;
  http_call* put_off_next_ = nullptr;
  object_pool<http_call>* pool_;
};

/// A response that was collected. Valid for the call that it is given to.
struct http_answer {
  http_outcome outcome;
  /// 0 if there was none; then the rest is empty. One that was cut off has what came of it.
  unsigned status = 0;
  std::string_view reason;
  std::span<const http1::field> fields;
  std::span<const http1::field> trailers;
  std::string_view body;

  /// The first field of that name; null if there is none.
  [[nodiscard]] const http1::field* find(std::string_view name) const noexcept;
};

}  // namespace drywire
