#include <drywire/sim/faults.hpp>

#include <algorithm>
#include <array>

namespace drywire::sim {

namespace {

constexpr std::array names = {
    named_fault{fault::latency, "latency", "slow and uneven ways, and lost packets sent again"},
    named_fault{fault::bandwidth, "bandwidth", "narrow ways"},
    named_fault{fault::short_reads, "short_reads", "fewer bytes than there are, down to one"},
    named_fault{fault::short_writes, "short_writes", "fewer bytes than there is room for"},
    named_fault{fault::would_block, "would_block", "EAGAIN for what is ready, and the reverse"},
    named_fault{fault::reset, "reset", "a connection reset between its ends, at any time"},
    named_fault{fault::half_close, "half_close", "an end that can't send any more, at any time"},
    named_fault{fault::stall, "stall", "an end that reads nothing for a while"},
    named_fault{fault::refuse, "refuse", "connects refused though somebody listens"},
    named_fault{fault::vanish, "vanish", "connections whose packets all get lost"},
    named_fault{fault::descriptors, "descriptors", "EMFILE on accept and connect"},
    named_fault{fault::clock, "clock", "a wall clock that jumps by up to a day"},
};

const named_fault* find(std::string_view name) noexcept {
  const auto* found = std::ranges::find(names, name, &named_fault::name);
  return found == names.end() ? nullptr : found;
}

}  // namespace

std::span<const named_fault> named_faults() noexcept { return names; }

fault_set fault_set::all() noexcept {
  fault_set all;
  for (const named_fault& each : names) all = all | each.what;
  return all;
}

std::optional<fault_set> fault_set::parse(std::string_view list) noexcept {
  if (list == "none") return fault_set();
  if (list == "all") return all();
  fault_set parsed;
  while (true) {
    const std::size_t comma = list.find(',');
    const named_fault* one = find(list.substr(0, comma));
    if (one == nullptr) return std::nullopt;
    parsed = parsed | one->what;
    if (comma == std::string_view::npos) return parsed;
    list.remove_prefix(comma + 1);
  }
}

std::string fault_set::to_string() const {
  if (empty()) return "none";
  std::string text;
  for (const named_fault& each : names) {
    if (!has(each.what)) continue;
    if (!text.empty()) text += ',';
    text += each.name;
  }
  return text;
}

}  // namespace drywire::sim
