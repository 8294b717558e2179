// How a uv loop comes to turn: when another thread or a signal wakes it, and when the deadline
// passes.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/loop/error.hpp>

#include <uv.h>

#include <cstddef>

namespace drywire {

class uv_backend;

/// Three handles, which outlive the backend until uv lets go of them: lives on the heap and frees
/// itself after close(), when those and the watches' are gone.
class uv_turner {
 public:
  /// `keeps_running`: uv_run() doesn't return for want of something to do.
  [[nodiscard]] static result<uv_turner*> open(uv_loop_t& loop, uv_backend& turned,
                                               bool keeps_running) noexcept;
  uv_turner(const uv_turner&) = delete;
  uv_turner& operator=(const uv_turner&) = delete;

  /// Any thread, also within a signal handler, until close().
  void wake() noexcept { uv_async_send(&async_); }
  void set_deadline(instant deadline, instant time) noexcept;
  /// No more turns. `leaver`, if not null, is told when uv has let go of all handles; it replaces
  /// the one of an earlier call.
  void close(uv_backend* leaver) noexcept;

  // For watches.

  /// A handle more that keeps uv_run() from returning, whether it waits for anything or not.
  void hold() noexcept;
  /// uv has let go of it.
  void release() noexcept;

 private:
  explicit uv_turner(uv_backend& turned) noexcept : turned_(turned) {}
  ~uv_turner() = default;

  void start_timer(instant deadline) noexcept;
  void turn_now() noexcept;
  template <class Handle>
  void close_handle(Handle& handle) noexcept;
  void release_own() noexcept;
  void free_if_let_go() noexcept;

  uv_backend& turned_;
  uv_async_t async_{};
  uv_timer_t timer_{};
  uv_idle_t idle_{};
  uv_backend* leaver_ = nullptr;
  std::size_t held_ = 0;  // the watches' handles
  int open_handles_ = 3;  // its own
  bool keeps_running_ = false;
  bool closing_ = false;
};

}  // namespace drywire
