#include "settings.hpp"

#include "failure.hpp"
#include "limit_names.hpp"

#include <algorithm>
#include <array>

namespace drywire::tools {

namespace {

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
  if (const auto* w = strongest(sources, &wishes::root, has_value)) s.root = (*w)->value;
  if (const auto* w = strongest(sources, &wishes::log, has_value)) s.log = **w;
  // The weakest first, so that the strongest has the last word.
  for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
    for (const said_limit& l : (*source)->limits) set_limit(s.server, l.name, l.value, l.where);
  }
  return s;
}

wishes read_environment(const char* loop) {
  wishes w;
  if (loop != nullptr && *loop != '\0') w.loop = said{loop, "DRYWIRE_LOOP"};
  return w;
}

}  // namespace drywire::tools
