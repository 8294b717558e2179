// A listening socket: accepts, and turns peers away while descriptors have run out.
#pragma once

#include "socket_entry.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <cstdint>
#include <limits>

namespace drywire {

class socket_listener final : public listener, private socket_entry {
 public:
  [[nodiscard]] static result<listener*> make(socket_backend& loop, const endpoint& where,
                                              accept_handler& handler,
                                              const listen_options& options) noexcept;

  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  void close() noexcept override;

 private:
  struct retry_timer final : timer {
    explicit retry_timer(socket_listener& l) noexcept : accepting(l) {}
    ~retry_timer() override { cancel(); }
    void on_timer() noexcept override;
    socket_listener& accepting;
  };

  socket_listener(socket_backend& loop, accept_handler& handler) noexcept
      : socket_entry(loop), handler_(handler) {}

  void on_readable() noexcept override;
  void on_writable() noexcept override {}
  void cancel() noexcept override { close(); }
  void tell_end() noexcept override { handler_.on_listener_closed(*this); }

  [[nodiscard]] error open(const endpoint& where, const listen_options& options) noexcept;
  [[nodiscard]] error take_one() noexcept;
  void accept_failed(error failure) noexcept;
  void tell_error(error failure) noexcept;

  accept_handler& handler_;
  endpoint local_;
  socket_file file_;
  retry_timer retry_{*this};
  instant quiet_until_{std::numeric_limits<std::int64_t>::min()};
};

}  // namespace drywire
