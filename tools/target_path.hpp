// What the target of a request names below a folder.
//
// Its path is cut at its slashes, then each part is percent-decoded, once. A part that is "." or
// "..", is empty, or has a slash or NUL in it after that, names nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tools {

struct target_path {
  std::vector<std::string> parts;  ///< decoded
  bool is_folder = false;          ///< it ends in a slash
};

/// The path of an origin-form or absolute-form target as it is said, without the query. Empty when
/// it has none.
[[nodiscard]] std::string_view path_of(std::string_view target) noexcept;

/// The path of an origin-form or absolute-form target, without its query. Empty when it names
/// nothing below a folder.
[[nodiscard]] std::optional<target_path> parse_target(std::string_view target);

/// All but letters, digits and "-._~" as "%2F": a name that can't be taken for more than a name.
[[nodiscard]] std::string percent_encoded(std::string_view name);

/// "/a/b/" of the parts, percent-encoded: as a Location, it can't be taken for another host's.
[[nodiscard]] std::string folder_location(const target_path& path);

}  // namespace drywire::tools
