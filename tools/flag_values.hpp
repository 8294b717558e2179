// What flags of several subcommands say, in words.
#pragma once

#include "settings.hpp"

#include <drywire/base/instant.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/loop/endpoint.hpp>

#include <memory>
#include <string>
#include <utility>

namespace drywire::tools {

// All of these throw failure.

/// "NAME=VALUE" of --limit.
[[nodiscard]] said_limit split_limit(const std::string& text);
/// "Name: value".
[[nodiscard]] std::pair<std::string, std::string> split_field(const std::string& text);
/// The path, or @name, of --unix.
[[nodiscard]] endpoint parse_unix_path(const std::string& text);
/// "10", "0.5" and "10s" are seconds; ms, m and h are what else there is.
[[nodiscard]] duration parse_time(const char* flag, const std::string& text);
/// The loop of that name.
[[nodiscard]] std::unique_ptr<backend> make_loop(const std::string& name);
/// The loop that --loop names; an empty one leaves it to DRYWIRE_LOOP.
[[nodiscard]] std::unique_ptr<backend> make_chosen_loop(const std::string& flag);

}  // namespace drywire::tools
