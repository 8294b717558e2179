// One connection of an http_server: its driver, and the exchanges that are not over.
#pragma once

#include "http_machine.hpp"
#include "http_watcher.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <optional>

namespace drywire {

class http_connection {
 public:
  using machine = http_machine;

  http_connection(http_server& server, stream& transport);
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;
  ~http_connection();

  void on_event(machine::event& event) noexcept;
  void on_closed(error why) noexcept;

  /// The machine, for a wish.
  [[nodiscard]] machine& call() noexcept { return driver_.call(); }
  [[nodiscard]] const machine& state() const noexcept { return driver_.machine(); }
  void count_response(unsigned status) noexcept {
    if (watcher() != nullptr) watcher()->count_response(status);
  }
  /// Closes when it is idle; what became a WebSocket is told to go.
  void shut_down() noexcept;
  void abort() noexcept;
  /// A WebSocket's other side, with a reference and nothing else; null without memory.
  [[nodiscard]] websocket_peer* make_peer(websocket_handler& handler) noexcept;
  [[nodiscard]] const stream* transport() const noexcept { return driver_.transport(); }

 private:
  friend class http_server;
  friend struct websocket_maker;

  void on_http(http1::server_event& event) noexcept;
  void begin(const http1::request& event) noexcept;
  void end_oldest(bool complete) noexcept;
  void begin_websocket() noexcept;
  // Ours; the driver keeps where it is, so that this takes no memory of its own.
  [[nodiscard]] http_watcher* watcher() const noexcept {
    return static_cast<http_watcher*>(driver_.observer());
  }

  http_server& server_;
  exchange* oldest_ = nullptr;
  exchange* newest_ = nullptr;
  driver<machine, http_connection> driver_;
  http_connection* previous_ = nullptr;
  http_connection* next_ = nullptr;
};

}  // namespace drywire
