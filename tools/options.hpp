// The options of each subcommand, a file for each, so that they are read and changed apart.
#pragma once

#include "command_line.hpp"

namespace CLI {
class App;
}

namespace drywire::tools {

/// Each declares a subcommand. When that is the one that was called for, parsing fills its member
/// of `parsed`, which outlives `app`, or throws failure.
void add_serve(CLI::App& app, command_line& parsed);
void add_decode(CLI::App& app, command_line& parsed);
void add_get(CLI::App& app, command_line& parsed);
void add_sim(CLI::App& app, command_line& parsed);
void add_ws(CLI::App& app, command_line& parsed);

}  // namespace drywire::tools
