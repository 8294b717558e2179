// A listening socket under a uv_poll_t: accepts, and turns peers away while descriptors have run
// out.
//
// Not uv_listen(): 1.44 turns away who waits without telling, and where its own spare descriptor
// is gone, as after another thread was quicker to take it, it calls accept() and the callback
// again and again and never returns.
#pragma once

#include "uv_entry.hpp"

#include <drywire/loop/socket.hpp>

#include <cstdint>
#include <limits>

namespace drywire {

class uv_listener final : public listener, private uv_entry {
 public:
  [[nodiscard]] static result<listener*> make(uv_backend& loop, const endpoint& where,
                                              accept_handler& handler,
                                              const listen_options& options) noexcept;

  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  void close() noexcept override;

 private:
  struct retry_timer final : timer {
    explicit retry_timer(uv_listener& l) noexcept : accepting(l) {}
    ~retry_timer() override { cancel(); }
    void on_timer() noexcept override { accepting.accept_on(); }
    uv_listener& accepting;
  };

  uv_listener(uv_backend& loop, accept_handler& handler, descriptor socket) noexcept
      : uv_entry(loop),
        handler_(handler),
        socket_(std::move(socket)),
        local_(local_endpoint(socket_.get())) {}

  void cancel() noexcept override { close(); }
  void tell_end() noexcept override { handler_.on_listener_closed(*this); }
  uv_handle_t& handle() noexcept override;

  void accept_on() noexcept;
  void accept_waiting(error told) noexcept;
  [[nodiscard]] error take_one() noexcept;
  void accept_failed(error failure) noexcept;
  void tell_error(error failure) noexcept;

  accept_handler& handler_;
  descriptor socket_;
  endpoint local_;
  uv_poll_t poll_{};
  instant quiet_until_{std::numeric_limits<std::int64_t>::min()};
  retry_timer retry_{*this};
};

}  // namespace drywire
