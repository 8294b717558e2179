#include "command_line.hpp"

#include "failure.hpp"
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace drywire::tools {

command_line parse_command_line(int argc, const char* const* argv) {
  command_line parsed;
  CLI::App app("drywire: wire protocols, kept dry", "drywire");
  app.set_version_flag("--version", DRYWIRE_VERSION);
  app.require_subcommand(1);
  add_serve(app, parsed);
  add_decode(app, parsed);
  add_get(app, parsed);
  add_sim(app, parsed);
  add_ws(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::ostringstream text;
    if (app.exit(e, text, text) != 0) throw failure(e.what());
    parsed = {};
    parsed.text = text.str();
  }
  return parsed;
}

}  // namespace drywire::tools
