#include "command_line.hpp"

#include "failure.hpp"

#include <CLI/CLI.hpp>

#include <sstream>
#include <vector>

namespace drywire::tools {

namespace {

// What CLI11 fills in, before it becomes wishes.
struct raw_serve {
  std::string loop;
  std::vector<std::string> listen;
  std::string root;
  std::string config;
  std::vector<std::string> limits;
  bool log = false;
  bool trace = false;
  std::int64_t fixed_date = 0;
};

CLI::App* add_serve(CLI::App& app, raw_serve& raw) {
  auto* serve = app.add_subcommand("serve", "Serve a folder's files, and /echo, over HTTP/1.1");
  serve->add_option("--loop", raw.loop, "The loop to run on: native, asio or uv (DRYWIRE_LOOP)");
  serve
      ->add_option("--listen", raw.listen,
                   "An address and port, or unix:PATH; again for more (127.0.0.1:8080)")
      ->take_all();
  serve->add_option("--root", raw.root, "The folder whose files are served (.)");
  serve->add_option("--config", raw.config, "Read a configuration file, in TOML");
  serve->add_option("--limit", raw.limits, "NAME=VALUE: change a limit; again for more")
      ->take_all();
  serve->add_flag("--log", raw.log, "Write a line for each exchange");
  serve->add_flag("--trace", raw.trace, "At the end, write a hash of all events and replies");
  serve->add_option("--fixed-date", raw.fixed_date, "Seconds since 1970: the Date of all replies");
  return serve;
}

CLI::App* add_decode(CLI::App& app, decode_flags& flags) {
  auto* decode = app.add_subcommand("decode", "Write the events that bytes make, one a line");
  decode->add_option("protocol", flags.protocol, "The protocol that they speak: http1")
      ->required()
      ->check(CLI::IsMember({"http1"}));
  decode->add_option("file", flags.file, "A file of bytes that a client sent (standard input)");
  decode->add_flag("--responses", flags.responses, "The bytes are what a server sent");
  decode->add_flag("--json", flags.json, "Write each event as a JSON object");
  return decode;
}

struct raw_sim {
  sim_flags flags;
  std::string faults = "none";
};

std::string names_of_faults() {
  std::string names;
  for (const sim::named_fault& each : sim::named_faults()) {
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  }
  return names;
}

CLI::App* add_sim(CLI::App& app, raw_sim& raw) {
  auto* simulated = app.add_subcommand(
      "sim", "Run the server against simulated clients, in a simulated network and virtual time");
  sim_flags& flags = raw.flags;
  simulated->add_option("--clients", flags.clients, "How many clients (1000)")
      ->check(CLI::Range(1, 20'000));
  simulated->add_option("--hours", flags.hours, "Virtual time (1)")->check(CLI::Range(0.0, 1000.0));
  simulated->add_option("--seed", flags.seed, "All that happens depends on it alone (1)");
  simulated->add_option("--seeds", flags.seeds, "Run so many, from --seed on (1)");
  simulated->add_option("--faults", raw.faults,
                        "What goes wrong: all, none, or a list of " + names_of_faults());
  return simulated;
}

sim_flags flags_of(const raw_sim& raw) {
  sim_flags flags = raw.flags;
  const auto faults = sim::fault_set::parse(raw.faults);
  if (!faults) {
    throw failure("--faults: '" + raw.faults + "' is not a list of " + names_of_faults());
  }
  flags.faults = *faults;
  return flags;
}

said_limit split_limit(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) throw failure("--limit: '" + text + "' is not NAME=VALUE");
  return {text.substr(0, equals), text.substr(equals + 1), "--limit"};
}

serve_flags flags_of(const CLI::App& serve, const raw_serve& raw) {
  serve_flags flags{.config = raw.config, .trace = raw.trace};
  if (serve.count("--loop") != 0) flags.said.loop = said{raw.loop, "--loop"};
  if (serve.count("--root") != 0) flags.said.root = said{raw.root, "--root"};
  if (raw.log) flags.said.log = true;
  for (const std::string& l : raw.listen) flags.said.listen.push_back({l, "--listen"});
  for (const std::string& l : raw.limits) flags.said.limits.push_back(split_limit(l));
  if (serve.count("--fixed-date") != 0) flags.fixed_date = raw.fixed_date;
  return flags;
}

}  // namespace

command_line parse_command_line(int argc, const char* const* argv) {
  CLI::App app("drywire: wire protocols, kept dry", "drywire");
  raw_serve raw;
  decode_flags decoding;
  app.set_version_flag("--version", DRYWIRE_VERSION);
  app.require_subcommand(1);
  const CLI::App* serve = add_serve(app, raw);
  const CLI::App* decode = add_decode(app, decoding);
  raw_sim simulating;
  const CLI::App* simulated = add_sim(app, simulating);
  command_line parsed;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::ostringstream text;
    if (app.exit(e, text, text) != 0) throw failure(e.what());
    parsed.text = text.str();
    return parsed;
  }
  if (serve->parsed()) parsed.serve = flags_of(*serve, raw);
  if (decode->parsed()) parsed.decode = decoding;
  if (simulated->parsed()) parsed.sim = flags_of(simulating);
  return parsed;
}

}  // namespace drywire::tools
