// Why a call of the caller's did nothing. What a *peer* did wrong is never an errc: it is an event.
#pragma once

#include <string_view>

namespace drywire {

/// The answer of a call that can be out of turn. Any value but ok means: nothing changed, nothing
/// was written.
enum class [[nodiscard]] errc : unsigned char {
  ok,
  out_of_turn,       ///< legal, but not in this state
  invalid_argument,  ///< would put something malformed on the wire, or isn't a value of its kind
  would_exceed,      ///< a limit of ours stands in the way now; it may pass later
  no_memory,         ///< the storage has no block left
  connection_gone,   ///< the connection or the exchange is over
  operation_not_supported,  ///< not on this loop or in this build
};

[[nodiscard]] constexpr std::string_view to_string(errc e) noexcept {
  switch (e) {
    case errc::ok: return "ok";
    case errc::out_of_turn: return "out of turn";
    case errc::invalid_argument: return "invalid argument";
    case errc::would_exceed: return "would exceed a limit";
    case errc::no_memory: return "no memory";
    case errc::connection_gone: return "connection gone";
    case errc::operation_not_supported: return "operation not supported";
  }
  return "unknown";
}

}  // namespace drywire
