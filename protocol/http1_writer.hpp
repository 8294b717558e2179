// Responses into the output queue: heads with their framing, last words.
//
// One response at a time: closed -> open -> (body | pulling) -> complete -> closed. The framing is
// decided here and nowhere else, RFC 9112 6. Every member that answers an errc is a transaction:
// anything but ok leaves the queue and the state as they were.
#pragma once

#include "http1_body_writer.hpp"
#include "http1_text_run.hpp"

#include <drywire/base/bytes.hpp>
#include <drywire/base/errc.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/http_date.hpp>
#include <drywire/protocol/output_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::http1 {

class response_writer : public body_writer {
 public:
  /// Both outlive the writer.
  response_writer(output_queue& queue, const limits& limits) noexcept
      : body_writer(queue, limits) {}

  /// A request came: its response is open.
  void begin(const request_head& head) noexcept;
  void end() noexcept;

  /// The wishes of server. `close`: say that the connection ends behind this response.
  errc respond(const wish::respond& r, bool close) noexcept;
  errc start(const wish::start_response& r, bool close) noexcept;
  errc inform(unsigned status, field_list fields) noexcept;
  /// `continue_first`: a 100 (Continue) is due before it, RFC 9110 7.8.
  errc switch_protocols(const request_head& request, field_list fields,
                        bool continue_first) noexcept;

  /// A whole response that tells the peer its fault; the connection ends behind it.
  errc refuse(fault what) noexcept;

  /// The connection has to end behind this response: it was said, or is the body's only end.
  [[nodiscard]] bool closes() const noexcept { return closes_; }

  void set_time(std::int64_t unix_seconds) noexcept;

 private:
  struct plan;

  errc plan_head(unsigned status, field_list fields, std::string_view reason,
                 plan& p) const noexcept;
  errc read_field(const field& f, plan& p) const noexcept;
  errc choose_framing(std::optional<std::uint64_t> length, plan& p) const noexcept;
  void write_head(const plan& p, field_list fields, text_run& out) noexcept;
  void write_connection(const plan& p, text_run& out) const noexcept;
  void commit(const plan& p) noexcept;

  // In this order they fit behind the base's.
  bool closes_ = false;
  bool to_old_ = false;  // HTTP/1.0
  bool to_connect_ = false;
  bool persists_ = false;  // an HTTP/1.0 peer asked for it
  bool has_date_ = false;
  bool has_date_text_ = false;
  char date_[http::date_bytes] = {};
  std::int64_t date_second_ = 0;
};

/// The least that can be said when there is no memory to say more.
[[nodiscard]] std::string_view last_words(unsigned status) noexcept;

}  // namespace drywire::http1
