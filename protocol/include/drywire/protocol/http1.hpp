// HTTP/1.1 in words: heads, fields, limits, and every way a peer can break the rules.
//
// RFC 9110 (semantics), RFC 9112 (messages). The machines that speak it are in their own headers:
// http1_server.hpp, http1_client.hpp. Everything here is a plain value or a view; nothing
// allocates.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/instant.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace drywire::http1 {

/// One field line, RFC 9110 5. The name as it was sent (names compare without case), the value
/// without the whitespace around it.
struct field {
  std::string_view name;
  std::string_view value;
};

/// Fields for one call: a view of an array, a span or a braced list
/// `{{"Content-Type", "text/html"}}`, which lives until the end of the full expression.
class field_list {
 public:
  constexpr field_list() noexcept = default;
  template <class Range>
    requires(!std::same_as<Range, field_list> &&
             std::convertible_to<const Range&, std::span<const field>>)
  constexpr field_list(const Range& range) noexcept {  // NOLINT: it is a conversion
    const std::span<const field> fields = range;
    data_ = fields.data();
    size_ = fields.size();
  }
  constexpr field_list(std::initializer_list<field> fields) noexcept  // NOLINT: it is a conversion
      : field_list(std::span(fields.begin(), fields.size())) {}

  [[nodiscard]] constexpr const field* begin() const noexcept { return data_; }
  [[nodiscard]] constexpr const field* end() const noexcept { return data_ + size_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

 private:
  const field* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Equal but for the case of A to Z, as field names and most tokens compare.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The four spellings of a request target, RFC 9112 3.2.
enum class target_form : std::uint8_t {
  origin,     ///< /path?query
  absolute,   ///< http://host/path?query
  authority,  ///< host:port, with CONNECT alone
  asterisk,   ///< *, with OPTIONS alone
};

/// What delimits a body, RFC 9112 6.3.
enum class framing : std::uint8_t {
  none,
  length,
  chunked,
  close,  ///< the end of the connection: of responses alone
};

/// A request without its body. It has been checked: the method is known, the target has one of
/// the four forms, Host is there where it has to be, the framing is unambiguous.
struct request_head {
  std::string_view method;  ///< as sent: methods compare with case
  std::string_view target;
  std::string_view host;             ///< the authority: the target's if it has one, else Host's
  std::span<const field> fields;     ///< in the order sent, all of them
  std::uint64_t content_length = 0;  ///< bytes, with framing::length
  target_form form = target_form::origin;
  framing body = framing::none;
  std::uint8_t minor_version = 1;  ///< 0 or 1
  bool keep_alive = true;          ///< the peer would like to send another request
  bool expects_continue = false;   ///< it waits for a 100 before it sends the body
  bool asks_upgrade = false;       ///< Upgrade, named by Connection, RFC 9110 7.8

  /// The first field of that name; null if there is none.
  [[nodiscard]] const field* find(std::string_view name) const noexcept;
};

/// A response without its body. It has been checked: the version is 1.x, the framing unambiguous.
struct response_head {
  std::string_view reason;           ///< as sent; means nothing, RFC 9112 4
  std::span<const field> fields;     ///< in the order sent, all of them
  std::uint64_t content_length = 0;  ///< bytes, with framing::length
  std::uint16_t status = 0;          ///< three digits; 600 and above count as 5xx, RFC 9110 15
  framing body = framing::none;
  std::uint8_t minor_version = 1;  ///< 0 or 1
  bool keep_alive = true;          ///< the peer takes another request on this connection

  /// Interim, RFC 9110 15.2: the final response follows.
  [[nodiscard]] bool informational() const noexcept { return status / 100 == 1; }
  /// The first field of that name; null if there is none.
  [[nodiscard]] const field* find(std::string_view name) const noexcept;
};

/// What bounds one connection. Each number is in the documentation (docs/http1.md) with its
/// reason. Limits that a block of the storage couldn't hold are lowered to what it can.
struct limits {
  std::uint32_t head_bytes_max = 16 * 1024;  ///< request line, fields and the empty line
  std::uint32_t start_line_bytes_max = 8 * 1024;
  std::uint32_t fields_max = 100;                     ///< field lines of head and trailers together
  std::uint32_t chunk_overhead_bytes_max = 4 * 1024;  ///< size lines and extensions, see the docs
  std::uint32_t trailer_bytes_max = 4 * 1024;
  std::uint32_t empty_lines_max = 4;             ///< before a request line, RFC 9112 2.2
  std::uint64_t body_bytes_max = 1024 * 1024;    ///< unless raised for one message
  std::uint32_t discard_bytes_max = 64 * 1024;   ///< of an unwanted body, to keep a connection
  std::uint32_t linger_bytes_max = 1024 * 1024;  ///< eaten after the last response
  std::uint32_t output_bytes_max = 1024 * 1024;  ///< queued; past it wishes answer would_exceed
  std::uint32_t output_low_bytes = 256 * 1024;   ///< below it there is room again
  duration head_timeout = seconds(10);  ///< from the first byte of a request to the end of its head
  duration idle_timeout = seconds(60);  ///< between requests, and before the first one
  duration body_timeout = seconds(30);  ///< without a wanted byte of a body, nor output waiting
  duration write_timeout = seconds(30);  ///< without a byte leaving while there are some to write
  duration linger_timeout = seconds(2);  ///< for the peer to close its side, after ours
};

/// What bounds a client's connection. The names that both roles have mean the peer's responses.
struct client_limits : limits {
  client_limits() noexcept {
    body_bytes_max = UINT64_MAX;  // nothing of it is kept here
    idle_timeout = seconds(30);   // below a server's, so that requests don't cross its close
  }
  std::uint32_t requests_max = 1;  ///< without their response; above 1 they are pipelined. Up to 8
  std::uint32_t informational_max = 16;     ///< 1xx before one final response
  duration response_timeout = seconds(60);  ///< from a request's last byte to its response's first
  duration expect_timeout = seconds(1);     ///< for a 100 (Continue); then the body goes anyway
};

/// Everything a peer can do wrong, each with a name of its own. With each goes the section that it
/// is in and, where a client did it, a status that is already in the output when the event comes
/// (0: no reply).
enum class fault : std::uint8_t {
  not_a_request,            ///< the first byte can't begin one: TLS on a plain port, binary data
  too_many_empty_lines,     ///< limits::empty_lines_max
  malformed_request_line,   ///< not method SP target SP version CRLF; HTTP/0.9
  unknown_method,           ///< a token, but no method that is implemented
  invalid_target,           ///< none of the four forms, or not the method's
  start_line_too_long,      ///< limits::start_line_bytes_max
  unsupported_version,      ///< a version of HTTP, but not 1.x
  bare_carriage_return,     ///< CR without LF
  bare_line_feed,           ///< LF without CR
  obsolete_line_folding,    ///< a field line that begins with whitespace
  whitespace_before_colon,  ///< between a field's name and its colon
  invalid_field_name,       ///< empty, or not a token
  invalid_field_value,      ///< NUL or another control character
  too_many_fields,          ///< limits::fields_max
  head_too_large,           ///< limits::head_bytes_max
  missing_host,             ///< HTTP/1.1 without Host
  repeated_host,
  invalid_host,               ///< not host [":" port]
  invalid_content_length,     ///< not a decimal number, or one over 64 bits
  repeated_content_length,    ///< even if both say the same
  conflicting_framing,        ///< Content-Length and Transfer-Encoding in one message
  chunked_in_http_1_0,        ///< Transfer-Encoding in HTTP/1.0
  invalid_transfer_encoding,  ///< not a list of codings that ends in one chunked
  unknown_transfer_coding,    ///< another coding than chunked
  unknown_expectation,        ///< Expect with anything but 100-continue
  content_too_large,          ///< limits::body_bytes_max
  invalid_chunk_size,         ///< not a hexadecimal number, or one over 64 bits
  malformed_chunk,            ///< a bad extension, or no CRLF after the data
  chunk_overhead_too_large,   ///< limits::chunk_overhead_bytes_max
  trailers_too_large,         ///< limits::trailer_bytes_max, or over fields_max with the head's
  framing_in_trailers,        ///< Content-Length or Transfer-Encoding behind the body
  truncated_head,             ///< the peer's side ended inside a head
  truncated_body,             ///< the peer's side ended inside a body
  head_timeout,
  body_timeout,
  idle_timeout,   ///< nothing wrong: the connection wasn't used
  write_timeout,  ///< the peer doesn't read
  no_memory,      ///< ours, not the peer's: no block for its message

  // What only a server does.
  not_a_response,          ///< doesn't begin with "HTTP/": another protocol, or binary data
  malformed_status_line,   ///< not version SP status [ SP reason ] CRLF
  unsolicited_response,    ///< bytes before a request has begun to leave
  too_many_informational,  ///< client_limits::informational_max
  unasked_switch,          ///< 101 without a complete request that has Upgrade
  unanswered,              ///< its side ended before a byte of the final response
  response_timeout,        ///< client_limits::response_timeout
};

/// How many enumerators `fault` has.
inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::response_timeout) + 1;

/// The enumerator in words, "bare line feed".
[[nodiscard]] std::string_view to_string(fault what) noexcept;
/// The section that the peer broke, or that names the answer: "RFC 9112 2.2".
[[nodiscard]] std::string_view rfc_section(fault what) noexcept;
/// The status of the reply; 0 if there is none.
[[nodiscard]] unsigned status_of(fault what) noexcept;
/// The reason phrase of RFC 9110 15 for a status, empty for one that it doesn't know.
[[nodiscard]] std::string_view reason_of(unsigned status) noexcept;

}  // namespace drywire::http1
