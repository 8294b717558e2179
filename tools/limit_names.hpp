// The limits of the HTTP server by name, for a flag or a line of a configuration file.
#pragma once

#include <drywire/adapters/http_server.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace drywire::tools {

/// All of them, as documented in docs/serve.md.
[[nodiscard]] std::vector<std::string_view> limit_names();

/// Sets the limit `name` to what `value` says: a number for sizes and counts, with KiB, MiB or GiB
/// behind it where it is one of bytes; a number with ms, s, m or h for times. Throws failure, its
/// text behind `where`, when there is no such limit or the value isn't one of its kind.
void set_limit(http_server_options& options, std::string_view name, std::string_view value,
               const std::string& where);

}  // namespace drywire::tools
