// One connection of a websocket_client: how it is made, its handshake, and its driver.
#pragma once

#include "dial.hpp"
#include "websocket_part.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/websocket_client.hpp>
#include <drywire/loop/timer.hpp>
#include <drywire/protocol/http_uri.hpp>
#include <drywire/protocol/switching.hpp>
#include <drywire/websocket/handshake.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drywire {

class websocket_client_connection final : private dial_handler, private timer {
 public:
  struct maker {
    websocket_client_connection* connection;
    websocket_part operator()(const http1::switched& behind) const noexcept {
      return connection->make_part(*behind.head);
    }
  };
  using machine = switching<http1::client, websocket_part, maker>;

  websocket_client_connection(websocket_client& client, websocket_peer& peer) noexcept;
  websocket_client_connection(const websocket_client_connection&) = delete;
  websocket_client_connection& operator=(const websocket_client_connection&) = delete;
  ~websocket_client_connection() override;

  /// Throws std::bad_alloc.
  void begin(std::string_view url, const websocket_options& options, http1::field_list fields);
  /// Ends it at the end of the turn.
  void fail_later(const websocket_outcome& how) noexcept;
  /// The client goes away.
  void leave() noexcept;

  // From the driver.

  void on_event(machine::event& event) noexcept;
  void on_closed(error why) noexcept;

 private:
  friend websocket_client;

  // Of a response that isn't a 101: cheaper to read than to be cut off while it comes.
  static constexpr std::uint64_t refused_body_bytes_max = std::uint64_t{64} * 1024;

  // What is needed until the WebSocket is open.
  struct opening {
    opening(entropy& random, const websocket_options& o, const http::uri& url,
            http1::field_list more);

    websocket_options options;
    websocket::handshake_request request;
    std::string text;  // what the views look at
    std::string_view host;
    std::string_view target;
    std::vector<http1::field> fields;
  };

  void on_connected(stream& transport) noexcept override;
  void on_dial_failed(const http_outcome& why) noexcept override;
  void on_timer() noexcept override;
  void on_http(http1::client_event& event) noexcept;
  void refuse(const http1::response_head& head) noexcept;
  void begin_websocket() noexcept;
  [[nodiscard]] websocket_part make_part(const http1::response_head& head) noexcept;
  void fail(const websocket_outcome& how) noexcept;
  void abort() noexcept;
  [[nodiscard]] const stream* transport() const noexcept {
    return driver_ ? driver_->transport() : nullptr;
  }
  static const websocket_owner& owner() noexcept;

  websocket_client& client_;
  websocket_peer& peer_;
  std::unique_ptr<opening> opening_;
  std::optional<dial> dial_;
  std::optional<driver<machine, websocket_client_connection>> driver_;
  std::optional<websocket_outcome> failure_;  // that is to be told
  websocket_client_connection* next_ = nullptr;
  websocket_client_connection* previous_ = nullptr;
};

}  // namespace drywire
