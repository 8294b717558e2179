// Responses of HTTP/1.1, good and bad, and what a client makes of them.
#pragma once

#include <span>
#include <string_view>

namespace http1_client_test {

struct input {
  std::string_view name;
  /// What they answer: "GET", "HEAD", "CONNECT", "UPGRADE" (a GET that asks for one), and as many
  /// times GET as there are "+" behind that, each asked when the exchange before it is over.
  std::string_view asked;
  std::string_view bytes;  ///< followed by a FIN
  /// "103 interim; 200; body abc; end; closed": the events in words, pieces of a body joined. "last
  /// end" if the connection ends with it.
  std::string_view events;
};

[[nodiscard]] std::span<const input> inputs() noexcept;

}  // namespace http1_client_test
