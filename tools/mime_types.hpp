// The media type of a file, by the ending of its name.
#pragma once

#include <string_view>

namespace drywire::tools {

/// As for a Content-Type field. Endings compare without case; application/octet-stream when there
/// is none that is known. A static string.
[[nodiscard]] std::string_view media_type_of(std::string_view file_name) noexcept;

}  // namespace drywire::tools
