#include "flag_values.hpp"

#include "failure.hpp"

#include <drywire/backends/make_backend.hpp>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace drywire::tools {

std::pair<std::string, std::string> split_field(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) throw failure("--header: '" + text + "' is not Name: value");
  const std::size_t value = text.find_first_not_of(" \t", colon + 1);
  return {text.substr(0, colon), value == std::string::npos ? "" : text.substr(value)};
}

duration parse_time(const char* flag, const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  const double ns = number * (unit == "ms"                  ? 1e6
                              : unit.empty() || unit == "s" ? 1e9
                              : unit == "m"                 ? 6e10
                              : unit == "h"                 ? 3.6e12
                                                            : 0);
  const bool in_range = ns > 0 && ns < 9e18;  // no NaN either
  if (problem != std::errc() || !in_range) {
    throw failure(std::string(flag) + ": '" + text + "' is no time such as 10, 0.5, 500ms or 2m");
  }
  return nanoseconds(static_cast<std::int64_t>(ns));
}

said_limit split_limit(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) throw failure("--limit: '" + text + "' is not NAME=VALUE");
  return {text.substr(0, equals), text.substr(equals + 1), "--limit"};
}

endpoint parse_unix_path(const std::string& text) {
  const auto where = endpoint::parse("unix:" + text);
  if (!where) throw failure("--unix: '" + text + "' is no path or @name");
  return *where;
}

std::unique_ptr<backend> make_chosen_loop(const std::string& flag) {
  wishes said_by_flag;
  if (!flag.empty()) said_by_flag.loop = said{flag, "--loop"};
  return make_loop(resolve_settings(said_by_flag, read_environment(std::getenv("DRYWIRE_LOOP")), {},
                                    backend_names())
                       .loop);
}

std::unique_ptr<backend> make_loop(const std::string& name) {
  error why;
  auto loop = make_backend(name, &why);
  if (!loop) throw failure("loop '" + name + "': " + std::string(why.message()));
  return loop;
}

}  // namespace drywire::tools
