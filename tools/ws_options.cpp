#include "compression_option.hpp"
#include "failure.hpp"
#include "flag_values.hpp"
#include "limit_names.hpp"
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace drywire::tools {

namespace {

// What CLI11 fills in, before it becomes flags.
struct raw_ws {
  ws_flags flags;
  std::vector<std::string> fields;
  std::vector<std::string> limits;
  std::string compression;
  std::string ping;
  std::string connect_timeout;
  bool no_compression = false;
};

ws_flags flags_of(const CLI::App& ws, const raw_ws& raw) {
  ws_flags flags = raw.flags;
  for (const std::string& each : raw.fields) flags.fields.push_back(split_field(each));
  if (ws.count("--compression") != 0) {
    flags.compression = parse_compression({raw.compression, "--compression"});
  }
  if (raw.no_compression) flags.compression.reset();
  if (ws.count("--ping") != 0) flags.limits.ping_after = parse_time("--ping", raw.ping);
  for (const std::string& each : raw.limits) {
    const said_limit limit = split_limit(each);
    set_websocket_limit(flags.limits, limit.name, limit.value, limit.where);
  }
  if (ws.count("--connect-timeout") != 0) {
    flags.connect_timeout = parse_time("--connect-timeout", raw.connect_timeout);
  }
  return flags;
}

void add_connection_options(CLI::App& ws, raw_ws& raw) {
  ws.add_option("--loop", raw.flags.loop, "The loop to run on: native, asio or uv (DRYWIRE_LOOP)");
  ws.add_option("-H,--header", raw.fields, "'Name: value': a field; again for more")->take_all();
  ws.add_option("--subprotocol", raw.flags.subprotocols,
                "Offer this one; again for more, the best first")
      ->take_all();
  auto* compression = ws.add_option("--compression", raw.compression,
                                    "on, off, or words such as context,level=6 (on)");
  ws.add_flag("--no-compression", raw.no_compression, "The same as --compression off")
      ->excludes(compression);
  ws.add_option("--ping", raw.ping, "Ping a peer that was silent for so long: 10, 0.5, 500ms (30)");
  ws.add_option("--limit", raw.limits,
                "NAME=VALUE: change a limit, below; off is none; again for more")
      ->take_all();
  ws.add_option("--unix", raw.flags.unix_path, "Connect to this socket, whatever the URL's host");
  ws.add_option("--connect-timeout", raw.connect_timeout, "To look up and connect (10)");
}

}  // namespace

void add_ws(CLI::App& app, command_line& parsed) {
  auto raw = std::make_shared<raw_ws>();
  // What comes is written at once, so it may be of any length, and takes its time behind our Close.
  raw->flags.limits.message_bytes_max = UINT64_MAX;
  raw->flags.limits.close_timeout = seconds(60);
  auto* ws = app.add_subcommand("ws", "Send lines as WebSocket messages, and write what comes");
  ws->add_option("url", raw->flags.url, "ws://host[:port][/path][?query]")->required();
  add_connection_options(*ws, *raw);
  ws->add_flag("--binary", raw->flags.binary,
               "All of the input is one binary message; write messages as they are");
  auto* answers = ws->add_option("--answers", raw->flags.answers,
                                 "At the end of the input close when so many messages came (0)");
  ws->add_flag("--keep-open", raw->flags.keep_open,
               "At the end of the input wait for the server to close")
      ->excludes(answers);
  ws->add_flag("-v,--verbose", raw->flags.events, "Write each event to standard error");
  ws->footer(limits_help(websocket_limit_names()));
  ws->callback([raw, ws, &parsed] { parsed.ws = flags_of(*ws, *raw); });
}

}  // namespace drywire::tools
