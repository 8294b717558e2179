// Requests into the output queue: heads with their framing.
//
// One request at a time: closed -> (body | pulling) -> complete -> (body ...). Nothing malformed
// leaves: what a caller may get wrong in a head is refused here and nowhere else.
#pragma once

#include "http1_body_writer.hpp"
#include "http1_head.hpp"
#include "http1_text_run.hpp"

#include <drywire/protocol/http1_client.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace drywire::http1 {

class request_writer : public body_writer {
 public:
  /// Both outlive the writer.
  request_writer(output_queue& queue, const limits& limits) noexcept : body_writer(queue, limits) {}

  /// The wishes of client.
  errc send_request(const wish::send_request& r) noexcept;
  errc start(const wish::start_request& r) noexcept;
  /// Nothing more of the request is written.
  void end() noexcept { state_ = state::closed; }

  /// The body of the last request, or its rest, is still to come.
  [[nodiscard]] bool busy() const noexcept {
    return state_ == state::body || state_ == state::pulling;
  }

  /// What the last request was.
  struct outline {
    std::size_t head_end = 0;  ///< what was queued behind its head, with all before it
    asked_with with = asked_with::any;
    bool may_switch = false;  ///< CONNECT, or it has Upgrade
    bool expects_continue = false;
    bool close = false;  ///< it says so
  };
  [[nodiscard]] const outline& last() const noexcept { return last_; }

  /// The peer speaks HTTP/1.0 and doesn't understand chunks.
  void peer_is_old() noexcept { to_old_ = true; }

 private:
  struct plan;

  static errc plan_head(std::string_view method, std::string_view target, field_list fields,
                        plan& p) noexcept;
  static errc read_field(const field& f, plan& p) noexcept;
  static errc check_host(std::string_view authority, plan& p) noexcept;
  static void write_head(const plan& p, field_list fields, text_run& out) noexcept;
  static void write_connection(const plan& p, text_run& out) noexcept;
  void commit(const plan& p, std::size_t head_end) noexcept;

  outline last_;
  bool to_old_ = false;
};

}  // namespace drywire::http1
