// The command line of `drywire`.
#pragma once

#include "get.hpp"
#include "settings.hpp"
#include "sim.hpp"
#include "ws.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace drywire::tools {

struct serve_flags {
  wishes said = {};
  std::string config = {};  ///< the path of a configuration file; empty without one
  bool trace = false;
  std::optional<std::int64_t> fixed_date = {};
};

struct decode_flags {
  std::string protocol = {};
  bool responses = false;  ///< what a server sent, not what a client did
  bool json = false;
  std::string extensions = {};  ///< of WebSocket: what the handshake agreed on
  std::string file = {};        ///< empty for standard input
};

struct command_line {
  std::optional<serve_flags> serve = {};  ///< one of these,
  std::optional<decode_flags> decode = {};
  std::optional<get_flags> get = {};
  std::optional<ws_flags> ws = {};
  std::optional<sim_flags> sim = {};  ///< or none:
  std::string text = {};              ///< to be printed, for --help and --version
};

/// Throws failure for what isn't a command of ours.
[[nodiscard]] command_line parse_command_line(int argc, const char* const* argv);

}  // namespace drywire::tools
