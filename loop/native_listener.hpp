// A listener of the native loop.
#pragma once

#include "native_source.hpp"

#include <drywire/loop/socket.hpp>
#include <drywire/loop/stream.hpp>
#include <drywire/loop/timer.hpp>

namespace drywire {

class native_listener final : public listener,
                              public native_source,
                              private timer,
                              private turn_end {
 public:
  native_listener(native_backend& owner, accept_handler& handler, descriptor fd) noexcept
      : native_source(owner),
        handler_(handler),
        fd_(std::move(fd)),
        local_(local_endpoint(fd_.get())) {}
  ~native_listener() = default;

  [[nodiscard]] error open() noexcept;

  [[nodiscard]] endpoint local() const noexcept override { return local_; }
  void close() noexcept override;

 private:
  void on_ready(readiness) noexcept override { accept_some(); }
  void on_timer() noexcept override { accept_some(); }
  void on_turn_end() noexcept override;
  void cancel() noexcept override;

  void accept_some() noexcept;
  void accepted(accepted_socket taken) noexcept;
  void accepting_failed(error failed) noexcept;
  void tell_error(error failed) noexcept;
  void tell_closed() noexcept;

  accept_handler& handler_;
  descriptor fd_;  // none once it is closed
  endpoint local_;
  instant quiet_until_{};  // no on_accept_error before
};

}  // namespace drywire
