// What somebody is called in the chat.
#pragma once

#include <string>
#include <string_view>

namespace drywire::tools {

inline constexpr std::size_t chat_name_bytes_max = 64;

/// The name in a target's query, "/chat?name=Ann", made fit for "NAME: TEXT": without colons,
/// control characters, spaces around it or an asterisk before it, and cut off behind
/// chat_name_bytes_max. "guest" if nothing is left, or it isn't UTF-8.
[[nodiscard]] std::string chat_name(std::string_view target);

}  // namespace drywire::tools
