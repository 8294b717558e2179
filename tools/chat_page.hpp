// The page of /chat: HTML, style and script in one, without anything from elsewhere.
#pragma once

#include <string_view>

namespace drywire::tools {

extern const std::string_view chat_page;

/// Nothing but what stands in the page itself, and connections to its own server.
inline constexpr std::string_view chat_page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace drywire::tools
