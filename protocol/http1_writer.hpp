// Responses into the output queue: heads with their framing, bodies, trailers, last words.
//
// One response at a time: closed -> open -> (body | pulling) -> complete -> closed. The framing is
// decided here and nowhere else, RFC 9112 6. Every member that answers an errc is a transaction:
// anything but ok leaves the queue and the state as they were.
#pragma once

#include "http1_date.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::http1 {

class response_writer {
 public:
  enum class state : std::uint8_t {
    closed,    ///< no exchange
    open,      ///< the final response hasn't begun
    body,      ///< its head is queued, the body comes by send()
    pulling,   ///< ... or from a source
    complete,  ///< nothing more to come
  };

  /// Both outlive the writer.
  response_writer(output_queue& queue, const limits& limits) noexcept
      : queue_(queue), limits_(limits) {}

  /// A request came: its response is open.
  void begin(const request_head& head) noexcept;
  void end() noexcept;

  /// The wishes of server. `close`: say that the connection ends behind this response.
  errc respond(const wish::respond& r, bool close) noexcept;
  errc start(const wish::start_response& r, bool close) noexcept;
  errc send(const_bytes bytes, lifetime life) noexcept;
  errc pull_from(body_source& source) noexcept;
  errc finish(field_list trailers) noexcept;
  errc inform(unsigned status, field_list fields) noexcept;

  /// Asks the source for more until `target` bytes are queued. False: the response can't be
  /// completed.
  [[nodiscard]] bool pull(std::size_t target) noexcept;
  /// A whole response that tells the peer its fault; the connection ends behind it.
  errc refuse(fault what) noexcept;

  [[nodiscard]] state now() const noexcept { return state_; }
  /// The connection has to end behind this response: it was said, or is the body's only end.
  [[nodiscard]] bool closes() const noexcept { return closes_; }
  /// The end of the connection is the only end of the body that is being sent.
  [[nodiscard]] bool ends_by_close() const noexcept { return framing_ == body_end::close; }

  void set_time(std::int64_t unix_seconds) noexcept;

 private:
  enum class body_end : std::uint8_t { none, length, chunks, close };
  struct plan;
  class text;

  errc plan_head(unsigned status, field_list fields, std::string_view reason,
                 plan& p) const noexcept;
  errc read_field(const field& f, plan& p) const noexcept;
  errc choose_framing(std::optional<std::uint64_t> length, plan& p) const noexcept;
  errc admit(std::size_t bytes) const noexcept;
  void write_head(const plan& p, field_list fields, text& out) noexcept;
  void write_connection(const plan& p, text& out) const noexcept;
  errc queue_bytes(const_bytes bytes, lifetime life) noexcept;
  errc queue_piece(const_bytes bytes, lifetime life) noexcept;
  std::optional<body_source::state> pull_once() noexcept;
  void commit(const plan& p) noexcept;

  output_queue& queue_;
  const limits& limits_;
  body_source* source_ = nullptr;
  std::uint64_t left_ = 0;  // of a body with a length
  std::int64_t date_second_ = 0;
  char date_[date_bytes] = {};
  bool has_date_ = false;
  bool has_date_text_ = false;
  state state_ = state::closed;
  body_end framing_ = body_end::none;
  bool closes_ = false;
  bool to_head_ = false;  // the body isn't sent
  bool to_old_ = false;   // HTTP/1.0
  bool to_connect_ = false;
  bool persists_ = false;  // an HTTP/1.0 peer asked for it
};

/// The least that can be said when there is no memory to say more.
[[nodiscard]] std::string_view last_words(unsigned status) noexcept;

}  // namespace drywire::http1
