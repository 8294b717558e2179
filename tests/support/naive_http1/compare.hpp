// Ours against the naive parser.
#pragma once

#include "naive_http1.hpp"

#include <drywire/protocol/http1.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace drywire::naive {

/// What both say of the same bytes.
struct verdict {
  std::string difference;  // in words; empty if they agree
  std::size_t events = 0;  // that both told
  bool refused = false;    // both refused something, or found it cut off
  bool exact = false;      // ... and there was one name for that
};

/// A server reads `wire` and answers each request when it is complete.
[[nodiscard]] verdict compare_requests(std::string_view wire, const http1::limits& limits,
                                       bool clean);
/// A client makes these requests, as read_responses() has them, and reads `wire`.
[[nodiscard]] verdict compare_responses(std::string_view wire,
                                        const std::vector<std::string>& requests,
                                        const http1::client_limits& limits, bool clean);

/// Low limits, so that short texts meet them.
[[nodiscard]] http1::limits low_limits();
[[nodiscard]] http1::client_limits low_client_limits();

}  // namespace drywire::naive
