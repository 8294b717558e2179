// One connection of an http_client: how it is made, its driver, and the call that it is used for.
//
//   dialing -> idle <-> busy          counted by its origin
//                 \      |
//                  closing            until the stream has gone
#pragma once

#include "dial.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/http_call.hpp>
#include <drywire/adapters/http_client.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire {

class http_client_connection final : private dial_handler {
 public:
  using machine = http1::client;

  http_client_connection(http_client& client, http_origin& origin) noexcept;
  http_client_connection(const http_client_connection&) = delete;
  http_client_connection& operator=(const http_client_connection&) = delete;
  ~http_client_connection();

  void connect(std::string_view host, std::uint16_t port) noexcept { dial_.start(host, port); }
  /// Sends the call's request. If the connection turns out to be gone, the call is enqueued again;
  /// if the machine refuses the request, it is put off to its end. Precondition: idle().
  void begin(http_call& call) noexcept;
  /// Nobody wants the rest of the exchange: the connection is dropped.
  void drop_call() noexcept;
  /// Precondition: idle().
  void close() noexcept;

  [[nodiscard]] bool dialing() const noexcept { return state_ == state::dialing; }
  [[nodiscard]] bool idle() const noexcept { return state_ == state::idle; }
  /// It is being made, and nobody waits for it any more.
  [[nodiscard]] bool unwanted() const noexcept;
  /// An exchange has begun on it.
  [[nodiscard]] bool used() const noexcept { return exchanges_ != 0; }
  /// Grows with every connection that becomes idle.
  [[nodiscard]] std::uint64_t idle_since() const noexcept { return idle_since_; }
  [[nodiscard]] machine& call() noexcept { return driver_->call(); }

  // From the driver.

  void on_event(machine::event& event) noexcept;
  void on_closed(error why) noexcept;

 private:
  friend class http_client;

  enum class state : std::uint8_t { dialing, idle, busy, closing };

  // Whether a byte of the present request has left.
  class output_watch final : public driver_observer<machine> {
   public:
    void on_event(const machine::event&) noexcept override {}
    void on_output(const_bytes) noexcept override { seen = true; }
    void on_fin() noexcept override {}
    bool seen = false;
  };

  void on_connected(stream& transport) noexcept override;
  void on_dial_failed(const http_outcome& why) noexcept override;
  [[nodiscard]] static errc send(machine& to, http_call& call) noexcept;
  void begin_response(const http1::response_head& head) noexcept;
  void redirect(const http1::response_head& head) noexcept;
  void end_response() noexcept;
  void end_exchange() noexcept;
  void refuse_switch() noexcept;
  http_call* detach() noexcept;
  void end_call(const http_outcome& how) noexcept;
  [[nodiscard]] bool resends(const http_outcome& how) const noexcept;
  void rest() noexcept;
  void enter_idle() noexcept;
  void leave_idle() noexcept;
  void leave_origin() noexcept;

  http_client& client_;
  http_origin* origin_;  // null when it closes
  http_call* call_ = nullptr;
  dial dial_;
  std::optional<driver<machine, http_client_connection>> driver_;
  state state_ = state::dialing;
  output_watch output_;
  bool answered_ = false;  // the response has begun
  std::uint64_t exchanges_ = 0;
  std::uint64_t idle_since_ = 0;
  http_client_connection* next_ = nullptr;  // of all the client's
  http_client_connection* previous_ = nullptr;
  http_client_connection* idle_next_ = nullptr;  // of those that are idle, by idle_since_
  http_client_connection* idle_previous_ = nullptr;
};

}  // namespace drywire
