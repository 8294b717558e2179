// The grammar of HTTP/1.1 in one place: which bytes may stand where, and the small texts between.
//
// The rules are RFC 9110 (fields, tokens, lists), RFC 9112 (messages) and RFC 3986 (authorities).
// All functions are pure and look at complete texts.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::http1::grammar {

/// What a search that finds nothing answers.
inline constexpr std::size_t npos = std::string_view::npos;

/// The first n characters; all of them if there are fewer. (std's substr can throw.)
[[nodiscard]] constexpr std::string_view first(std::string_view text, std::size_t n) noexcept {
  return {text.data(), n < text.size() ? n : text.size()};
}
/// What is left without the first n characters.
[[nodiscard]] constexpr std::string_view behind(std::string_view text, std::size_t n) noexcept {
  if (n > text.size()) n = text.size();
  return {text.data() + n, text.size() - n};
}

/// tchar, RFC 9110 5.6.2.
[[nodiscard]] bool is_token_char(char c) noexcept;
/// token = 1*tchar, RFC 9110 5.6.2.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// What may stand in a field value or a reason phrase: HTAB, SP, VCHAR, obs-text; RFC 9110 5.5.
[[nodiscard]] bool is_field_text(std::string_view text) noexcept;

/// Without optional whitespace, OWS = *( SP / HTAB ), on either side; RFC 9110 5.6.3.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// Takes the first element off a comma-separated list, RFC 9110 5.6.1. Empty elements are skipped;
/// an empty result is the end.
[[nodiscard]] std::string_view take_list_element(std::string_view& list) noexcept;

/// protocol-name ["/" protocol-version], both tokens, RFC 9110 7.8.
[[nodiscard]] bool is_protocol(std::string_view text) noexcept;

/// 1*DIGIT, at most 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// uri-host [ ":" port ], RFC 9110 7.2 and RFC 3986 3.2.2; empty is allowed, as it is there.
[[nodiscard]] bool is_host(std::string_view text) noexcept;

struct request_line {
  std::string_view method;
  std::string_view target;
  std::uint8_t minor_version = 1;
};
/// method SP request-target SP HTTP-version, RFC 9112 3; `line` is without its CRLF.
[[nodiscard]] std::optional<fault> parse_request_line(std::string_view line,
                                                      request_line& out) noexcept;

struct status_line {
  std::uint16_t status = 0;
  std::string_view reason;
  std::uint8_t minor_version = 1;
};
/// HTTP-version SP status-code [ SP reason-phrase ], RFC 9112 4; `line` is without its CRLF. The
/// second SP has to be sent even without a reason, but isn't by all, and nothing hangs on it.
[[nodiscard]] std::optional<fault> parse_status_line(std::string_view line,
                                                     status_line& out) noexcept;

struct request_target {
  target_form form = target_form::origin;
  std::string_view authority;  // of the absolute and the authority form
};
/// The form that a target has, RFC 9112 3.2; nothing if it has none, or not one for the method.
[[nodiscard]] std::optional<request_target> parse_target(std::string_view method,
                                                         std::string_view target) noexcept;

/// The elements of all Transfer-Encoding fields of a message, RFC 9112 6.1 and 6.3.
class coding_list {
 public:
  /// Adds one field's elements.
  void add(std::string_view value) noexcept;
  /// Nothing if they are one chunked and no more.
  [[nodiscard]] std::optional<fault> verdict() const noexcept;

 private:
  bool broken_ = false;   // not a token, or behind chunked
  bool chunked_ = false;  // the last one
  bool others_ = false;
};

/// Fields that delimit a message, RFC 9112 6: never behind a body.
[[nodiscard]] bool is_framing(std::string_view name) noexcept;
/// Fields that mean nothing, or harm, behind a body, RFC 9110 6.5.1.
[[nodiscard]] bool is_forbidden_trailer(std::string_view name) noexcept;

}  // namespace drywire::http1::grammar
