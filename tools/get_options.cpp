#include "failure.hpp"
#include "flag_values.hpp"
#include "options.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace drywire::tools {

namespace {

// What CLI11 fills in, before it becomes flags.
struct raw_get {
  get_flags flags;
  std::vector<std::string> fields;
  std::string data;
  std::string time_max;
  std::string connect_timeout;
  std::vector<std::string> limits;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// One range of RFC 9110 14.1.2.
void check_range(const std::string& text) {
  const std::size_t dash = text.find('-');
  const std::string_view first = std::string_view(text).substr(0, dash);
  const std::string_view last = dash == std::string::npos ? "" : text.c_str() + dash + 1;
  const bool right = dash != std::string::npos && (first.empty() || is_number(first)) &&
                     (last.empty() ? !first.empty() : is_number(last));
  if (!right) throw failure("--range: '" + text + "' is not A-B, A- or -N");
}

get_flags flags_of(const CLI::App& get, const raw_get& raw) {
  get_flags flags = raw.flags;
  for (const std::string& each : raw.fields) flags.fields.push_back(split_field(each));
  if (get.count("--data") != 0) flags.data = raw.data;
  if (get.count("--max-time") != 0) flags.time_max = parse_time("--max-time", raw.time_max);
  if (get.count("--connect-timeout") != 0) {
    flags.connect_timeout = parse_time("--connect-timeout", raw.connect_timeout);
  }
  for (const std::string& each : raw.limits) flags.limits.push_back(split_limit(each));
  if (get.count("--range") != 0) check_range(flags.range);
  return flags;
}

void add_request_options(CLI::App& get, raw_get& raw) {
  get_flags& flags = raw.flags;
  get.add_option("-X,--method", flags.method, "The method (GET, or what the body calls for)");
  get.add_option("-H,--header", raw.fields, "'Name: value': a field; again for more")->take_all();
  auto* data = get.add_option("-d,--data", raw.data, "Send this, as a form, with POST");
  auto* file = get.add_option("--data-file", flags.data_file,
                              "Send this file with POST; - is standard input");
  auto* upload = get.add_option("-T,--upload-file", flags.upload_file,
                                "Send this file with PUT; - is standard input");
  auto* head = get.add_flag("-I,--head", flags.head_only, "Ask for the head alone, with HEAD");
  for (auto* one : {data, file, upload, head}) {
    for (auto* other : {data, file, upload, head}) {
      if (one != other) one->excludes(other);
    }
  }
  get.add_option("--range", flags.range, "Bytes A-B, A- (to the end) or -N (the last N) alone");
  get.add_flag("--compressed", flags.compressed, "Ask for gzip or deflate, and decode it");
  get.add_flag("-L,--location", flags.follow, "Follow redirects");
  get.add_option("--redirects-max", flags.redirects_max, "So many of them (10)");
  get.add_option("--unix", flags.unix_path, "Connect to this socket, whatever the URL's host");
  get.add_option("--max-time", raw.time_max, "For all of it: 10, 0.5, 500ms, 2m (no limit)");
  get.add_option("--connect-timeout", raw.connect_timeout, "To look up and connect (10)");
  get.add_option("--limit", raw.limits, "NAME=VALUE: change a limit; again for more")->take_all();
}

void add_response_options(CLI::App& get, get_flags& flags) {
  auto* output = get.add_option("-o,--output", flags.output, "Write the body to this file");
  auto* heads = get.add_flag("-i,--include", flags.heads, "Write heads, too");
  get.add_flag("-c,--continue", flags.resume, "Go on behind what the file has already")
      ->needs(output)
      ->excludes(heads)
      ->excludes("--range")
      ->excludes("--compressed");
  get.add_flag("-v,--verbose", flags.events, "Write each event to standard error");
  get.add_flag("-f,--fail", flags.fail, "A status of 400 and above is a failure, without output");
}

}  // namespace

void add_get(CLI::App& app, command_line& parsed) {
  auto raw = std::make_shared<raw_get>();
  auto* get = app.add_subcommand("get", "Ask for a URL over HTTP/1.1, and write what comes");
  get->add_option("url", raw->flags.url, "http://host[:port][/path][?query]")->required();
  get->add_option("--loop", raw->flags.loop,
                  "The loop to run on: native, asio or uv (DRYWIRE_LOOP)");
  add_request_options(*get, *raw);
  add_response_options(*get, raw->flags);
  get->callback([raw, get, &parsed] { parsed.get = flags_of(*get, *raw); });
}

}  // namespace drywire::tools
