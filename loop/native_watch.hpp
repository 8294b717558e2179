// Waits for one descriptor in the native loop's poll, which names it by its address.
//
// One that was closed stays in memory until the next wait. So readiness that the same wait found
// for it, and for another that has its descriptor's number by now, can't be confused.
#pragma once

#include <drywire/loop/poll.hpp>
#include <drywire/loop/socket_backend.hpp>
#include <drywire/loop/timer.hpp>

#include <cstdint>

namespace drywire {

class native_backend;

class native_watch final : public socket_watch, private turn_end {
 public:
  native_watch(native_backend& owner, watched_socket& target) noexcept
      : owner_(owner), target_(&target) {}

  /// Owns `fd` if there is no error.
  [[nodiscard]] error open(int fd) noexcept;

  void await_readable(seen what) noexcept override;
  void await_writable() noexcept override;
  void close() noexcept override;
  void release() noexcept override;

  /// What a wait has found.
  void on_ready(readiness r) noexcept;

  [[nodiscard]] token name() const noexcept {
    return static_cast<token>(reinterpret_cast<std::uintptr_t>(this));
  }
  [[nodiscard]] static native_watch& named(token name) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a token is what the caller makes of it
    return *reinterpret_cast<native_watch*>(static_cast<std::uintptr_t>(name));
  }

 private:
  friend class native_backend;

  void on_turn_end() noexcept override;
  void tell_readable() noexcept;

  native_backend& owner_;
  watched_socket* target_;  // null once closed
  native_watch* next_closed_ = nullptr;
  int fd_ = -1;
  bool readable_ = false;      // by the poll, and not drained since
  bool ending_ = false;        // a FIN or an error may lie behind what a short read gave
  bool watches_room_ = false;  // the poll tells of room to write
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
};

}  // namespace drywire
