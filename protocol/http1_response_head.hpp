// What a response's head is made of: the plan of it. Private to response_writer, whose work on
// heads is in http1_response_head.cpp.
#pragma once

#include "http1_writer.hpp"

#include <optional>
#include <string_view>

namespace drywire::http1 {

// What a head has besides its fields and reason, generously: status line, Date, framing,
// Connection.
inline constexpr std::size_t head_bytes_fixed = 192;

// RFC 9110 6.4.1: these have no content, whatever their fields say.
[[nodiscard]] inline bool is_bodyless(unsigned status) noexcept {
  return status < 200 || status == 204 || status == 205 || status == 304;
}

// RFC 9110 7.8: every protocol that Upgrade names among `fields` is one that the request's names.
[[nodiscard]] bool offers_all(const request_head& request, field_list fields) noexcept;

// What a head will say.
struct response_writer::plan {
  unsigned status = 0;
  std::string_view reason = {};
  std::optional<std::uint64_t> length = {};  // declared by a field at first, then to be sent
  body_end framing = body_end::none;
  bool close = false;
  bool has_date = false;
  bool has_upgrade = false;
  std::size_t bytes = head_bytes_fixed;  // at most
};

}  // namespace drywire::http1
