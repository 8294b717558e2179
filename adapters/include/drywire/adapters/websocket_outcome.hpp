// How a WebSocket ended, or why there never was one.
#pragma once

#include <drywire/adapters/http_outcome.hpp>
#include <drywire/protocol/http1.hpp>
#include <drywire/websocket/handshake.hpp>
#include <drywire/websocket/websocket.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace drywire {

enum class websocket_end : std::uint8_t {
  closed,     ///< the peer said Close, with `code` and `reason`, or answered ours
  fault,      ///< it broke a rule, or let time run out, or went away: `fault`
  aborted,    ///< by us, or the server or client was destroyed
  no_memory,  ///< on our side, before it began

  // It never began.
  invalid_url,      ///< not ws://host[:port][/path][?query]
  wss_unsupported,  ///< a wss:// URL
  invalid_options,  ///< subprotocols that aren't tokens, or too long together; or `wish` says so
  too_many,         ///< websocket_client_options::connections_max
  no_connection,    ///< unresolved, not connected in time, and so on: `dial`
  refused,          ///< another response than 101: `status`
  bad_handshake,    ///< a 101 that isn't a good one: `handshake`
  bad_http,         ///< no response that is HTTP, or none in time: `http`
};

struct [[nodiscard]] websocket_outcome {
  websocket_end end = websocket_end::closed;
  /// With closed the peer's, or close_code::no_status; else close_code::abnormal.
  std::uint16_t code = websocket::close_code::abnormal;
  std::string_view reason = {};  ///< with closed; valid for the call that it is given to
  websocket::fault fault{};
  websocket::handshake_fault handshake{};
  http1::fault http{};
  http_outcome dial = {};
  errc wish = errc::ok;  ///< with invalid_options: what http1::client says to the fields
  unsigned status = 0;   ///< with refused

  /// There was a Close from the peer: nothing was cut off.
  [[nodiscard]] bool clean() const noexcept { return end == websocket_end::closed; }
  /// One line for people, "refused: 403".
  [[nodiscard]] std::string message() const;

  friend bool operator==(const websocket_outcome&, const websocket_outcome&) = default;
};

/// The enumerator in words, "bad handshake". A static string.
[[nodiscard]] std::string_view to_string(websocket_end end) noexcept;

}  // namespace drywire
