// The configuration file of `drywire serve`, in TOML. docs/serve.md has its keys.
#pragma once

#include "settings.hpp"

#include <string>
#include <string_view>

namespace drywire::tools {

/// What `text` says; `name` is the file's, for messages. Throws failure, which names the file, the
/// line and the key: not TOML, an unknown key, a value of another type.
[[nodiscard]] wishes parse_config(std::string_view text, const std::string& name);

/// The same for a file. Throws failure when it can't be read, too.
[[nodiscard]] wishes read_config(const std::string& path);

}  // namespace drywire::tools
