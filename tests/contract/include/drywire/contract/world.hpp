// The world around the loop under test: what its plain peers are made of, how time passes while no
// loop runs, and the shortage of descriptors. The operating system's, or that of a simulator.
#pragma once

#include <drywire/base/instant.hpp>
#include <drywire/loop/socket_calls.hpp>

namespace drywire::contract {

class world {
 public:
  world() = default;
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  virtual ~world() = default;

  /// For plain peers, which share no descriptor with the loop.
  [[nodiscard]] virtual socket_calls& sockets() = 0;
  /// Waits without running a loop. False when `fd` isn't ready once `wait_max` has passed.
  [[nodiscard]] virtual bool wait_readable(int fd, duration wait_max) = 0;
  [[nodiscard]] virtual bool wait_writable(int fd, duration wait_max) = 0;
  /// Lets time pass as a callback does that takes long.
  virtual void pass(duration time) = 0;
  /// Whether there are new descriptors, for the loop and everybody.
  virtual void allow_descriptors(bool allowed) = 0;
  /// Sets how far the wall clock is off.
  virtual void offset_wall_clock(duration offset) = 0;
};

/// That of the case which runs; the operating system's unless a world_scope says otherwise.
[[nodiscard]] world& present_world();

/// While it lives, `around` is the present world. Null: the operating system's.
class world_scope {
 public:
  explicit world_scope(world* around);
  world_scope(const world_scope&) = delete;
  world_scope& operator=(const world_scope&) = delete;
  ~world_scope();
};

}  // namespace drywire::contract
