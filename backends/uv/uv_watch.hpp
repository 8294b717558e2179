// Waits for one descriptor by uv's poll handles. Only the readiness is uv's: data goes by the calls
// of drywire/loop/socket_calls.hpp, so that a stream is the same on every loop.
#pragma once

#include "uv_turner.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <uv.h>

namespace drywire {

/// Lives on the heap until uv lets go of its handle, which may be after the backend has gone.
class uv_watch final : public socket_watch {
 public:
  /// Owns `fd` if there is a result.
  [[nodiscard]] static result<socket_watch*> open(uv_loop_t& loop, int fd, loop_core& core,
                                                  uv_turner& turner,
                                                  watched_socket& target) noexcept;

  void await_readable(seen) noexcept override;
  void await_writable() noexcept override;
  void close() noexcept override;
  void release() noexcept override;

 private:
  uv_watch(int fd, loop_core& core, uv_turner& turner, watched_socket& target) noexcept
      : core_(core), turner_(turner), target_(&target), fd_(fd) {}
  ~uv_watch() = default;

  void on_ready(int status, int events) noexcept;
  void await(int event) noexcept;
  void tell(int event, int events, void (watched_socket::*call)() noexcept) noexcept;
  void follow() noexcept;
  void free() noexcept;

  loop_core& core_;
  uv_turner& turner_;
  watched_socket* target_;  // null once closed
  uv_poll_t handle_{};
  int fd_;
  int awaited_ = 0;  // UV_READABLE, UV_WRITABLE
  int polled_ = 0;   // what uv was asked for
  bool telling_ = false;
};

}  // namespace drywire
