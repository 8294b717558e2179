// The response of `drywire get`: heads, body, events and progress to where they belong.
#pragma once

#include "event_writer.hpp"
#include "get.hpp"
#include "get_output.hpp"
#include "progress.hpp"

#include <drywire/adapters/http_call.hpp>
#include <drywire/loop/loop_core.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drywire::tools {

/// Handles one call. Lives until it is over.
class transfer final : public http_call_handler {
 public:
  transfer(const get_flags& wanted, loop_core& core);

  /// Bytes that --continue goes on behind.
  [[nodiscard]] std::uint64_t present() const noexcept { return present_; }
  /// With --verbose, the request as an event.
  void tell(const http_request& request);
  [[nodiscard]] bool over() const noexcept { return over_; }
  /// The exit status, and why it isn't 0: empty if there is nothing to be said.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  void on_informational(http_call& call, const http1::response_head& head) noexcept override;
  void on_redirect(http_call& call, const http1::response_head& head,
                   std::string_view to) noexcept override;
  void on_head(http_call& call, const http1::response_head& head) noexcept override;
  void on_body(http_call& call, const_bytes piece) noexcept override;
  void on_trailers(http_call& call, std::span<const http1::field> fields) noexcept override;
  void on_end(http_call& call, const http_outcome& how) noexcept override;

  bool open(http_call& call, std::uint64_t offset);
  bool place(http_call& call, const http1::response_head& head);
  void write_head(http_call& call, const http1::response_head& head);
  void write(http_call& call, const_bytes bytes);
  void end_events();
  void stop(http_call& call, int status, std::string why);
  [[nodiscard]] std::string cut_off() const;

  const get_flags& wanted_;
  get_output output_;
  std::uint64_t present_;
  std::optional<std::uint64_t> whole_;  // bytes that a file which is continued is to have
  progress_bar progress_;
  std::optional<event_writer> events_;
  std::uint64_t body_bytes_ = 0;
  bool opened_ = false;
  bool begun_ = false;  // the output takes the body
  bool over_ = false;
  bool stopped_ = false;
  int status_ = 0;
  std::string why_;
};

}  // namespace drywire::tools
