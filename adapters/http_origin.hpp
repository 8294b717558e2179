// One origin of an http_client: its connections, and the calls that wait for one.
#pragma once

#include <drywire/adapters/http_client.hpp>
#include <drywire/protocol/http_uri.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drywire {

class http_origin {
 public:
  http_origin(http_client& client, const http::uri& url);
  http_origin(const http_origin&) = delete;
  http_origin& operator=(const http_origin&) = delete;

  /// Behind those that wait; or before them, if it has waited already.
  void enqueue(http_call& call, bool first = false) noexcept;
  void remove(http_call& call) noexcept;
  /// Brings waiting calls and connections together. Calls nobody back.
  void serve() noexcept;

  /// The connection takes no call any more.
  void leave(http_client_connection& connection) noexcept;
  /// It couldn't be made: leaves, too.
  void dial_failed(http_client_connection& connection, const http_outcome& why) noexcept;

  /// Something has changed: serve() at the end of the turn.
  void serve_later() noexcept;
  /// serve(), if it was put off.
  void catch_up() noexcept;

  /// Nothing waits and nothing is connected: it may be forgotten.
  [[nodiscard]] bool unused() const noexcept { return first_ == nullptr && connections_.empty(); }
  [[nodiscard]] http_call* first_waiting() const noexcept { return first_; }

 private:
  [[nodiscard]] http_client_connection* find_idle(bool unused_only) const noexcept;
  void connect() noexcept;
  [[nodiscard]] http_call* to_fail() const noexcept;

  http_client& client_;
  std::string host_;
  std::uint16_t port_;
  std::vector<http_client_connection*> connections_;  // being made, in use or idle
  http_call* first_ = nullptr;                        // that waits
  http_call* last_ = nullptr;
  bool behind_ = false;  // serve() is due
};

}  // namespace drywire
