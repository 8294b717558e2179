// What `drywire serve` counts, as text for Prometheus (exposition format 0.0.4).
#pragma once

#include "site_counters.hpp"

#include <span>
#include <string>
#include <string_view>

namespace drywire::tools {

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// Of each loop by itself, but for peer errors, which are of all together.
[[nodiscard]] std::string metrics_text(std::span<const site_counters* const> loops);

}  // namespace drywire::tools
