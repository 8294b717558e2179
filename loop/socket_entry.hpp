// What streams and listeners of a socket_backend have in common: a place in its list, a watch, and
// an end that is told later.
#pragma once

#include <drywire/loop/socket_backend.hpp>

namespace drywire {

/// Lives on the heap, from its making until tell_end() has returned.
class socket_entry : public watched_socket, private turn_end {
 public:
  socket_entry(const socket_entry&) = delete;
  socket_entry& operator=(const socket_entry&) = delete;
  ~socket_entry() override;

  /// Ends it, whatever it does, because the loop goes.
  virtual void cancel() noexcept = 0;

 protected:
  explicit socket_entry(socket_backend& loop) noexcept;

  /// Owns `fd` from here on. Precondition: it has no watch yet.
  [[nodiscard]] error start_watch(descriptor fd) noexcept;
  /// The same, but on failure `fd` is the caller's still.
  [[nodiscard]] error start_watch(int fd) noexcept;
  /// Closes the descriptor now; tell_end() follows at the end of the scope, or in the next turn.
  /// Precondition: not ended.
  void end() noexcept;
  /// The same, but leaves the descriptor open and gives it away.
  [[nodiscard]] int end_released() noexcept;
  virtual void tell_end() noexcept = 0;

  [[nodiscard]] bool ended() const noexcept { return scheduled() || told_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] socket_watch& watch() const noexcept { return *watch_; }
  [[nodiscard]] socket_backend& loop() const noexcept { return loop_; }
  [[nodiscard]] loop_core& core() const noexcept { return loop_.core(); }
  [[nodiscard]] socket_calls& sockets() const noexcept { return loop_.sockets_; }

 private:
  friend class socket_backend;

  void on_turn_end() noexcept override;

  socket_backend& loop_;
  socket_entry* next_;
  socket_entry** previous_next_;
  socket_watch* watch_ = nullptr;
  int fd_ = -1;
  bool told_ = false;
};

}  // namespace drywire
