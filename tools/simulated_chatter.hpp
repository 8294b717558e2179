// Somebody who chats in the simulated network: joins a room, says something now and then, leaves,
// comes back. It checks that it is told all that is said in the room, once and in order.
#pragma once

#include "simulated_chat.hpp"
#include "simulated_user.hpp"

#include <drywire/adapters/websocket_client.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/testkit/random.hpp>

#include <cstdint>
#include <string>

namespace drywire::tools {

class simulated_chatter final : public simulated_user, private websocket_handler, private timer {
 public:
  /// Of `clients`, the one with this number, from 1 on.
  simulated_chatter(backend& loop, websocket_client& client, simulated_chat& chat,
                    client_plan& plan, std::size_t clients, std::uint64_t number,
                    std::uint64_t seed);
  ~simulated_chatter() override;

  void finish() noexcept override;
  [[nodiscard]] bool busy() const noexcept override { return record_ != nullptr; }

 private:
  /// What the timer is for.
  enum class step : std::uint8_t { join, say, go_on_saying, resume };

  void on_open(websocket_peer& peer) noexcept override;
  void on_message(websocket_peer& peer, const websocket_message& m) noexcept override;
  void on_closed(websocket_peer& peer, const websocket_outcome& how) noexcept override;
  void on_timer() noexcept override;

  void plan_next(step what, duration pause) noexcept;
  void think() noexcept;
  void join();
  void say();
  void begin_pieces();
  void go_on_saying() noexcept;
  void leave() noexcept;
  void say_close() noexcept;
  void check_letters(std::uint64_t who, std::uint64_t number, std::string_view letters) noexcept;
  void check_clean_end() noexcept;
  void violate(const std::string& what) noexcept;
  [[nodiscard]] bool once_in(std::size_t times) noexcept { return random_.below(times) == 0; }
  [[nodiscard]] std::size_t size_of_message() noexcept;

  backend& loop_;
  websocket_client& client_;
  simulated_chat& chat_;
  client_plan& plan_;
  const std::uint64_t number_;
  const std::uint64_t room_;
  testkit::random random_;
  websocket_options options_;
  websocket_handle peer_;
  chat_record* record_ = nullptr;  // of this connection
  std::string message_;
  std::size_t sent_ = 0;         // of a message that is said in pieces
  std::uint64_t who_ = 0;        // this connection
  std::uint64_t last_told_ = 0;  // number of the room's last message
  std::uint32_t joined_ = 0;     // times
  std::uint32_t left_to_say_ = 0;
  step next_ = step::join;
  bool welcome_ = false;
};

}  // namespace drywire::tools
