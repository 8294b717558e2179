// One connection of an http_server: its driver, and the exchanges that are not over.
#pragma once

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/http_counters.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>

#include <memory>
#include <optional>

namespace drywire {

/// Exchange objects, kept for the next request. Lives until its server has abandoned it and no
/// handle names an exchange of it any more.
class exchange_pool {
 public:
  static constexpr std::size_t spare_max = 256;

  exchange_pool() = default;
  exchange_pool(const exchange_pool&) = delete;
  exchange_pool& operator=(const exchange_pool&) = delete;

  /// With one reference.
  [[nodiscard]] exchange& acquire();
  /// The server's last word. May destroy the pool.
  void abandon() noexcept;

 private:
  friend class exchange;
  ~exchange_pool();
  void give_back(exchange& spare) noexcept;

  exchange* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t used_count_ = 0;
  bool abandoned_ = false;
};

/// What is counted or traced of one connection, if anything is.
class http_watcher final : public driver_observer<http1::server> {
 public:
  http_watcher(http_counters* counters, http_trace* trace);

  /// A response with that status has begun.
  void count_response(unsigned status) noexcept;
  /// An exchange is over.
  void count_end(bool complete) noexcept;

 private:
  void on_event(const http1::server::event& event) noexcept override;
  void on_output(const_bytes written) noexcept override;
  void on_fin() noexcept override;

  http_counters* counters_;
  std::optional<http_trace::recorder> recorder_;
};

class http_connection {
 public:
  using machine = http1::server;

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
    if (watcher_ != nullptr) watcher_->count_response(status);
  }
  [[nodiscard]] const stream* transport() const noexcept { return driver_.transport(); }

 private:
  friend class http_server;

  void begin(const http1::request& event) noexcept;
  void end_oldest(bool complete) noexcept;

  http_server& server_;
  exchange* oldest_ = nullptr;
  exchange* newest_ = nullptr;
  std::unique_ptr<http_watcher> watcher_;
  driver<machine, http_connection> driver_;
  http_connection* previous_ = nullptr;
  http_connection* next_ = nullptr;
};

}  // namespace drywire
