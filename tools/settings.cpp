#include "settings.hpp"

#include "compression_option.hpp"
#include "failure.hpp"
#include "limit_names.hpp"
#include "limit_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace drywire::tools {

namespace {

// More would be a mistake: each has a loop, and with Asio and libuv a descriptor or ten.
constexpr std::size_t threads_max = 256;

std::string checked_loop(const said& loop, std::span<const std::string_view> loops) {
  if (std::find(loops.begin(), loops.end(), loop.value) != loops.end()) return loop.value;
  std::string all;
  for (const std::string_view name : loops) all += (all.empty() ? "" : ", ") + std::string(name);
  throw failure(loop.where + ": no loop '" + loop.value + "' in this build (" + all + ")");
}

std::vector<endpoint> checked_addresses(const std::vector<said>& listen) {
  std::vector<endpoint> addresses;
  for (const said& l : listen) {
    const auto address = endpoint::parse(l.value);
    if (!address) {
      throw failure(l.where + ": '" + l.value +
                    "' is no address such as 127.0.0.1:8080, [::1]:8080, :8080, 8080 or "
                    "unix:/run/x.sock");
    }
    addresses.push_back(*address);
  }
  return addresses;
}

log_format checked_format(const said& format) {
  if (format.value == "plain") return log_format::plain;
  if (format.value == "common") return log_format::common;
  if (format.value == "combined") return log_format::combined;
  throw failure(format.where + ": '" + format.value + "' is not plain, common or combined");
}

std::string checked_path(const said& path) {
  if (path.value.starts_with('/') && path.value.find('?') == std::string::npos) return path.value;
  throw failure(path.where + ": '" + path.value + "' is not a path such as /metrics");
}

std::size_t checked_threads(const said& threads) {
  std::size_t number = 0;
  const char* const end = threads.value.data() + threads.value.size();
  const auto [rest, problem] = std::from_chars(threads.value.data(), end, number);
  if (problem == std::errc() && rest == end && number >= 1 && number <= threads_max) return number;
  throw failure(threads.where + ": '" + threads.value + "' is not a number from 1 to " +
                std::to_string(threads_max));
}

// As browsers write it: scheme and host, and a port that isn't the scheme's own.
std::vector<std::string> checked_origins(const std::vector<said>& origins) {
  std::vector<std::string> checked;
  for (const said& o : origins) {
    const std::size_t host = o.value.find("://");
    const bool right = host != std::string::npos && host != 0 && host + 3 < o.value.size() &&
                       o.value.find('/', host + 3) == std::string::npos;
    if (!right && o.value != "*") {
      throw failure(o.where + ": '" + o.value +
                    "' is no origin such as https://example.org, nor *");
    }
    checked.push_back(o.value);
  }
  return checked;
}

duration checked_time(const said& time) {
  if (const auto parsed = parse_time(time.value)) return *parsed;
  throw failure(time.where + ": '" + time.value + "' is not a time such as 500ms, 10s or 2m");
}

// The strongest of the sources that says something; null when none does.
template <class Member>
const Member* strongest(std::span<const wishes* const> sources, Member wishes::*what,
                        bool (*says)(const Member&)) {
  for (const wishes* source : sources) {
    if (says(source->*what)) return &(source->*what);
  }
  return nullptr;
}

template <class T>
bool has_value(const std::optional<T>& o) {
  return o.has_value();
}
bool has_entries(const std::vector<said>& list) { return !list.empty(); }

// Who says how it looks wants a log, but for who says no.
void resolve_log(settings& s, std::span<const wishes* const> sources) {
  if (const auto* w = strongest(sources, &wishes::log_format, has_value)) {
    s.format = checked_format(**w);
    s.log = true;
  }
  if (const auto* w = strongest(sources, &wishes::log, has_value)) s.log = **w;
}

void resolve_site(site_options& site, std::span<const wishes* const> sources) {
  if (const auto* w = strongest(sources, &wishes::root, has_value)) site.root = (*w)->value;
  if (const auto* w = strongest(sources, &wishes::list, has_value)) site.lists_folders = **w;
  if (const auto* w = strongest(sources, &wishes::gzip_static, has_value)) {
    site.gives_gzipped = **w;
  }
  if (const auto* w = strongest(sources, &wishes::metrics, has_value)) {
    site.metrics = checked_path(**w);
  }
}

void resolve_websockets(websocket_settings& s, std::span<const wishes* const> sources) {
  if (const auto* w = strongest(sources, &wishes::compression, has_value)) {
    s.compression = parse_compression(**w);
  }
  if (const auto* w = strongest(sources, &wishes::allow_origin, has_entries)) {
    s.origins = checked_origins(*w);
  }
}

}  // namespace

settings resolve_settings(const wishes& flags, const wishes& environment, const wishes& file,
                          std::span<const std::string_view> loops) {
  const std::array<const wishes*, 3> sources{&flags, &environment, &file};
  settings s;
  if (const auto* w = strongest(sources, &wishes::loop, has_value))
    s.loop = checked_loop(**w, loops);
  if (const auto* w = strongest(sources, &wishes::listen, has_entries)) {
    s.listen = checked_addresses(*w);
  }
  if (const auto* w = strongest(sources, &wishes::threads, has_value)) {
    s.threads = checked_threads(**w);
  }
  if (const auto* w = strongest(sources, &wishes::drain_timeout, has_value)) {
    s.drain_timeout = checked_time(**w);
  }
  resolve_log(s, sources);
  resolve_site(s.site, sources);
  resolve_websockets(s.site.websockets, sources);
  // The weakest first, so that the strongest has the last word.
  for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
    for (const said_limit& l : (*source)->limits) {
      set_limit(s.server, s.site, l.name, l.value, l.where);
    }
  }
  return s;
}

wishes read_environment(const char* loop) {
  wishes w;
  if (loop != nullptr && *loop != '\0') w.loop = said{loop, "DRYWIRE_LOOP"};
  return w;
}

}  // namespace drywire::tools
