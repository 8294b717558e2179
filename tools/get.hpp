// `drywire get URL`: one request and its response, over any loop.
#pragma once

#include "settings.hpp"

#include <drywire/base/instant.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drywire::tools {

struct get_flags {
  std::string url = {};
  std::string loop = {};       ///< empty: DRYWIRE_LOOP, or native
  std::string unix_path = {};  ///< connect there, whatever host the URL names

  // The request.
  std::string method = {};  ///< empty: what the other flags call for
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::optional<std::string> data = {};
  std::string data_file = {};    ///< a body with POST; "-" is standard input
  std::string upload_file = {};  ///< the same with PUT
  std::string range = {};        ///< A-B, A- or -N
  bool head_only = false;
  bool compressed = false;
  bool follow = false;
  unsigned redirects_max = 10;
  std::optional<duration> time_max = {};
  std::optional<duration> connect_timeout = {};
  std::vector<said_limit> limits = {};

  // What becomes of the response.
  std::string output = {};  ///< a file; empty for standard output
  bool resume = false;      ///< go on behind what `output` has
  bool heads = false;
  bool events = false;
  bool fail = false;  ///< a status of 400 and above is a failure, and has no output
};

/// Does it. Returns the exit status: 0 when the response came whole, 1 when it was cut off, broke a
/// rule, or failed by --fail; then one line on standard error says why, but for a reader of
/// standard output that went away. Throws failure for what can't be done.
[[nodiscard]] int get(const get_flags& wanted);

}  // namespace drywire::tools
