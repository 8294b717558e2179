// What `drywire serve` is to do, and where each word of it comes from.
//
// Precedence: a flag, then the environment (DRYWIRE_LOOP), then the configuration file, then the
// default. Lists replace each other as a whole; limits are set one by one.
#pragma once

#include "access_log.hpp"
#include "site.hpp"

#include <drywire/adapters/http_server.hpp>
#include <drywire/loop/endpoint.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drywire::tools {

/// A value, and where it was said, for messages: "--loop", "DRYWIRE_LOOP", "site.toml:3: loop".
struct said {
  std::string value;
  std::string where;
};

struct said_limit {
  std::string name;
  std::string value;
  std::string where;
};

/// What one source says. What it doesn't mention is empty.
struct wishes {
  std::optional<said> loop = {};
  std::vector<said> listen = {};
  std::optional<said> root = {};
  std::optional<bool> log = {};
  std::optional<said> log_format = {};
  std::optional<bool> list = {};
  std::optional<bool> gzip_static = {};
  std::optional<said> metrics = {};  ///< a path
  std::optional<said> threads = {};
  std::optional<said> drain_timeout = {};
  std::optional<said> compression = {};
  std::vector<said> allow_origin = {};
  std::vector<said_limit> limits = {};
};

struct settings {
  std::string loop = "native";
  std::vector<endpoint> listen = {endpoint::loopback_v4(8080)};
  bool log = false;
  log_format format = log_format::plain;
  std::size_t threads = 1;
  std::optional<duration> drain_timeout = {};  ///< empty: as long as the exchanges take
  site_options site = {};
  http_server_options server = {};
};

/// The first of the three that says something wins. `loops` are the names that --loop may have.
/// Throws failure for a loop that isn't one of them, what isn't an address, and so on.
[[nodiscard]] settings resolve_settings(const wishes& flags, const wishes& environment,
                                        const wishes& file,
                                        std::span<const std::string_view> loops);

/// What the variables say. `loop` is the value of DRYWIRE_LOOP, null when it isn't set; an empty
/// one counts as unset.
[[nodiscard]] wishes read_environment(const char* loop);

}  // namespace drywire::tools
