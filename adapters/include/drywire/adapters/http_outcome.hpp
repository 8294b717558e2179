// How an HTTP client's call came out.
#pragma once

#include <drywire/base/errc.hpp>
#include <drywire/loop/error.hpp>
#include <drywire/protocol/http1.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace drywire {

enum class http_end : std::uint8_t {
  complete,   ///< the whole response was told
  cancelled,  ///< http_call::cancel()
  closed,     ///< the client was closed or destroyed

  // It never began.
  invalid_url,        ///< not http://host[:port][/path][?query]; one with a user name or password
  https_unsupported,  ///< an https:// URL
  invalid_request,    ///< http_outcome::refused says how
  too_many_waiting,   ///< http_client_options::calls_waiting_max

  // There was no connection.
  unresolved,       ///< http_outcome::detail in the resolver's words
  connect_failed,   ///< http_outcome::system, of the last address that was tried
  connect_timeout,  ///< http_client_options::connect_timeout

  // It was cut off.
  peer_error,        ///< http_outcome::fault
  transport_failed,  ///< http_outcome::system, if the system said anything
  call_timeout,      ///< http_request::timeout
  source_failed,     ///< the request's source couldn't go on
  body_too_large,    ///< more than was to be collected

  // The response's body couldn't be decoded, RFC 9110 8.4.
  coding_unsupported,  ///< Content-Encoding names other codings than gzip and deflate, or too many
  coding_broken,       ///< it isn't what Content-Encoding says
  coding_truncated,    ///< the body is complete, what is encoded in it isn't
  coding_too_large,    ///< over http_client_options::decoded_ratio_max, or body_bytes_max

  // A redirect couldn't be followed.
  too_many_redirects,   ///< http_request::redirects_max
  invalid_redirect,     ///< Location is no URL
  https_redirect,       ///< Location is an https:// URL
  body_not_repeatable,  ///< the source of the request's body can't begin again
};

struct [[nodiscard]] http_outcome {
  http_end end = http_end::complete;
  http1::fault fault{};          ///< with peer_error
  errc refused = errc::ok;       ///< with invalid_request
  error system = {};             ///< with connect_failed and transport_failed; may be none
  std::string_view detail = {};  ///< with unresolved, coding_broken, coding_too_large; static

  [[nodiscard]] bool complete() const noexcept { return end == http_end::complete; }
  /// One line for people, "can't connect: Connection refused".
  [[nodiscard]] std::string message() const;

  friend bool operator==(const http_outcome&, const http_outcome&) = default;
};

/// The enumerator in words, "too many redirects". A static string.
[[nodiscard]] std::string_view to_string(http_end end) noexcept;

}  // namespace drywire
