// Inputs of HTTP/1.1, good and bad, and what a server makes of them.
#pragma once

#include <span>
#include <string_view>

namespace http1_test {

struct input {
  std::string_view name;
  std::string_view bytes;  ///< followed by a FIN
  /// "POST /; body abc; end": the events in words, pieces of a body joined.
  std::string_view events;
  /// The statuses of what is written: "100 200 400". Every complete request is answered with 200.
  std::string_view statuses;
};

[[nodiscard]] std::span<const input> inputs() noexcept;

}  // namespace http1_test
