// `drywire serve`: a site on a loop, until a signal.
#pragma once

#include "settings.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>

namespace drywire::tools {

/// Serves until SIGTERM or SIGINT, which lets exchanges in progress finish; a second one ends at
/// once. Writes a line "listening on ADDRESS (LOOP)" for each address to `out`, flushed; the access
/// log, if it is wanted; and with `trace` at the end a line with the http_trace's hash. Returns the
/// exit status: 0, or 1 when exchanges were cut off. Throws failure when it can't begin.
[[nodiscard]] int serve(const settings& wanted, bool trace, std::FILE* out);

}  // namespace drywire::tools
