// Entity tags and conditional requests, RFC 9110 8.8 and 13. Pure functions over the fields of a
// request, which may be spread over several lines wherever the RFC lets them be lists.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::http {

using http1::field;
using http1::field_list;

/// RFC 9110 8.8.3. A view of the text that it was read from.
struct entity_tag {
  std::string_view opaque;  ///< what is between the quotes
  bool weak = false;
};

/// Empty for what isn't exactly one entity tag.
[[nodiscard]] std::optional<entity_tag> parse_entity_tag(std::string_view text) noexcept;

/// RFC 9110 8.8.3.2: strongly, none of them may be weak; weakly, it doesn't matter.
[[nodiscard]] bool equal_strongly(const entity_tag& a, const entity_tag& b) noexcept;
[[nodiscard]] bool equal_weakly(const entity_tag& a, const entity_tag& b) noexcept;

/// What is known of the representation that a request selects.
struct validators {
  bool exists = true;
  std::optional<entity_tag> tag = {};
  /// Empty, if there is none that is worth telling. Used as a strong one: the caller knows that it
  /// hasn't changed twice in that second, RFC 9110 8.8.2.2.
  std::optional<std::int64_t> modified_unix_seconds = {};
};

enum class verdict : std::uint8_t {
  proceed,
  not_modified,         ///< 304
  precondition_failed,  ///< 412
};

/// Steps 1 to 4 of RFC 9110 13.2.2: If-Match or If-Unmodified-Since, then If-None-Match or
/// If-Modified-Since. A date that isn't one, or comes twice, is ignored; so is all of it where the
/// method has no use for it (CONNECT, OPTIONS, TRACE). Precondition: without its conditions the
/// request would be answered with 2xx or 412. `now_unix_seconds` is for years of two digits.
[[nodiscard]] verdict evaluate_conditions(std::string_view method, field_list fields,
                                          const validators& current,
                                          std::int64_t now_unix_seconds) noexcept;

/// If-Range, RFC 9110 13.1.5: whether the Range field beside it applies. True without one.
[[nodiscard]] bool range_applies(field_list fields, const validators& current,
                                 std::int64_t now_unix_seconds) noexcept;

}  // namespace drywire::http
