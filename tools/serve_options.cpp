#include "flag_values.hpp"
#include "limit_names.hpp"
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <memory>
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
  std::string log_format;
  std::string metrics;
  std::string threads;
  std::string drain_timeout;
  std::string compression;
  std::vector<std::string> allow_origin;
  bool no_compression = false;
  bool log = false;
  bool list = false;
  bool gzip_static = false;
  bool trace = false;
  std::int64_t fixed_date = 0;
};

serve_flags flags_of(const CLI::App& serve, const raw_serve& raw) {
  serve_flags flags{.config = raw.config, .trace = raw.trace};
  const auto text = [&serve](std::optional<said>& wish, const std::string& value,
                             const char* name) {
    if (serve.count(name) != 0) wish = said{value, name};
  };
  text(flags.said.loop, raw.loop, "--loop");
  text(flags.said.root, raw.root, "--root");
  text(flags.said.log_format, raw.log_format, "--log-format");
  text(flags.said.metrics, raw.metrics, "--metrics");
  text(flags.said.threads, raw.threads, "--threads");
  text(flags.said.drain_timeout, raw.drain_timeout, "--drain-timeout");
  text(flags.said.compression, raw.compression, "--compression");
  if (raw.no_compression) flags.said.compression = said{"off", "--no-compression"};
  if (raw.log) flags.said.log = true;
  if (raw.list) flags.said.list = true;
  if (raw.gzip_static) flags.said.gzip_static = true;
  for (const std::string& l : raw.listen) flags.said.listen.push_back({l, "--listen"});
  for (const std::string& o : raw.allow_origin) {
    flags.said.allow_origin.push_back({o, "--allow-origin"});
  }
  for (const std::string& l : raw.limits) flags.said.limits.push_back(split_limit(l));
  if (serve.count("--fixed-date") != 0) flags.fixed_date = raw.fixed_date;
  return flags;
}

void add_websocket_options(CLI::App& serve, raw_serve& raw) {
  auto* compression =
      serve.add_option("--compression", raw.compression,
                       "Of WebSockets: on, off, or words such as context,level=6 (on)");
  serve.add_flag("--no-compression", raw.no_compression, "The same as --compression off")
      ->excludes(compression);
  serve
      .add_option("--allow-origin", raw.allow_origin,
                  "Pages of this origin may use WebSockets, too; * for all; again for more")
      ->take_all();
}

}  // namespace

void add_serve(CLI::App& app, command_line& parsed) {
  auto raw = std::make_shared<raw_serve>();
  auto* serve =
      app.add_subcommand("serve", "Serve a folder's files, /echo, /ws and /chat over HTTP/1.1");
  serve->add_option("--loop", raw->loop, "The loop to run on: native, asio or uv (DRYWIRE_LOOP)");
  serve
      ->add_option("--listen", raw->listen,
                   "An address and port, or unix:PATH; again for more (127.0.0.1:8080)")
      ->take_all();
  serve->add_option("--root", raw->root, "The folder whose files are served (.)");
  serve->add_option("--config", raw->config, "Read a configuration file, in TOML");
  serve->add_option("--limit", raw->limits, "NAME=VALUE: change a limit, below; again for more")
      ->take_all();
  serve->add_flag("--list", raw->list, "List folders that have no index.html");
  serve->add_flag("--gzip-static", raw->gzip_static, "Give FILE.gz for FILE to who accepts it");
  serve->add_option("--threads", raw->threads, "Loops, each in a thread, that share the ports (1)");
  serve->add_flag("--log", raw->log, "Write a line for each exchange");
  serve->add_option("--log-format", raw->log_format,
                    "plain, common or combined; with --log (plain)");
  serve->add_flag("--metrics{/metrics}", raw->metrics,
                  "PATH: answer there with metrics (/metrics)");
  serve->add_option("--drain-timeout", raw->drain_timeout,
                    "How long exchanges may take to finish behind a signal (as they need)");
  add_websocket_options(*serve, *raw);
  serve->add_flag("--trace", raw->trace, "At the end, write a hash of all events and replies");
  serve->add_option("--fixed-date", raw->fixed_date, "Seconds since 1970: the Date of all replies");
  serve->footer(limits_help(limit_names()));
  serve->callback([raw, serve, &parsed] { parsed.serve = flags_of(*serve, *raw); });
}

}  // namespace drywire::tools
