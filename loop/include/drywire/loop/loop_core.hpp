// What must not differ between loops, written once: turns, timers, posted tasks, deferred closing,
// end-of-turn work, the blocks for input.
//
// A backend owns a loop_core and is its host. It calls turn() when the deadline that it was given
// passes or when it was woken, and puts every callback of its own (a readable socket, a completed
// operation) inside a callback_scope. The outermost scope reads the clocks at its entry, and at its
// exit runs what was put off: first deferred closings, then end-of-turn work. What those put off
// again runs in the next turn, so that nobody starves the I/O.
#pragma once

#include <drywire/base/inplace_function.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/loop/block_pool.hpp>
#include <drywire/loop/timer.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace drywire {

/// A task that is posted: up to six words of captures.
using task = inplace_function<void(), 6 * sizeof(void*)>;

/// What a loop_core needs of the loop around it.
class loop_host {
 public:
  /// Any thread: makes the loop call turn() soon. Many calls may have one effect.
  virtual void wake() noexcept = 0;
  /// The loop's thread: call turn() once `deadline` has passed; never() means there is nothing to
  /// wait for. Replaces the deadline that was set before. May be earlier than any timer's; each
  /// turn() tells anew, so a host may use it up, and may call turn() too soon.
  virtual void set_deadline(instant deadline) noexcept = 0;
  /// Any thread: the loop was asked to end its run().
  virtual void stop() noexcept = 0;
  /// Both clocks. The operating system's unless the loop has time of its own.
  [[nodiscard]] virtual now read_clocks() const noexcept;

 protected:
  loop_host() = default;
  loop_host(const loop_host&) = default;
  loop_host& operator=(const loop_host&) = default;
  ~loop_host() = default;
};

/// For other threads: a loop by a handle that may outlive it. Copies name the same loop.
class loop_remote {
 public:
  /// Any thread. Runs `work` on the loop's thread, in a later turn, in the order of this thread's
  /// calls. False, and the task is destroyed unrun, once the loop is shutting down or gone.
  bool post(task work) const noexcept;
  /// Any thread. Ends the loop's run(), once, also if it comes before run() was called; no effect
  /// on a loop that is gone.
  void stop() const noexcept;

 private:
  friend class loop_core;
  class mailbox;
  explicit loop_remote(std::shared_ptr<mailbox> box) noexcept : box_(std::move(box)) {}

  std::shared_ptr<mailbox> box_;
};

class loop_core {
 public:
  /// Calls nothing of `host` yet.
  explicit loop_core(loop_host& host);
  loop_core(const loop_core&) = delete;
  loop_core& operator=(const loop_core&) = delete;
  /// Timers still armed and work still put off are forgotten: they don't fire. Precondition: not
  /// within a scope, and shut_down() was called if other threads may post or the host may be gone.
  ~loop_core();

  // Time.

  /// Read once for each outermost scope, so it is constant within a turn; outside of any it is read
  /// anew.
  [[nodiscard]] now time() const noexcept;
  /// Fires at or after `deadline`, first come first served among equals; never from within this
  /// call. An armed timer is moved to the new deadline. Allocates nothing. Once the loop has shut
  /// down, it stays unarmed.
  void arm(timer& node, instant deadline) noexcept;

  // Work for later.

  /// Runs `node` once at the end of this turn, or of the next when no scope is open. No effect when
  /// it is scheduled already.
  void at_turn_end(turn_end& node) noexcept;
  /// As at_turn_end, but before that list: for backends, which tell on_closed from here.
  void defer(turn_end& node) noexcept;
  /// loop_remote::post for the loop's own thread and others.
  bool post(task work) noexcept;
  [[nodiscard]] const loop_remote& remote() const noexcept { return remote_; }

  // Blocks.

  [[nodiscard]] block_pool& blocks() noexcept { return blocks_; }

  // For the backend.

  /// Runs the posted tasks that are there and the timers that are due, inside a scope of its own.
  /// All due timers are taken before the first fires. No effect when a scope is open.
  void turn() noexcept;
  /// When turn() has something to do next: the past when it has now, never() when nothing waits.
  [[nodiscard]] instant next_deadline() const noexcept;
  /// Counts what keeps run() from returning: a stream, a listener.
  void hold() noexcept { ++holds_; }
  void unhold() noexcept { --holds_; }
  /// Something is held, a timer is armed, or work is put off.
  [[nodiscard]] bool alive() const noexcept;
  [[nodiscard]] bool in_scope() const noexcept { return depth_ != 0; }
  /// post() answers false from here on, and tasks that wait are destroyed unrun, also those behind
  /// the one that goes on; armed timers are forgotten. Work put off still runs.
  void shut_down() noexcept;
  /// The host is told nothing from here on, and needn't call turn() any more. Precondition:
  /// shut_down() was called.
  void leave_host() noexcept { host_left_ = true; }

  class callback_scope {
   public:
    explicit callback_scope(loop_core& core) noexcept : core_(core) { core_.enter(); }
    callback_scope(const callback_scope&) = delete;
    callback_scope& operator=(const callback_scope&) = delete;
    ~callback_scope() { core_.leave(); }

   private:
    loop_core& core_;
  };

 private:
  friend class timer;

  void enter() noexcept;
  void leave() noexcept;
  void fire_timers() noexcept;
  void disarm(timer& node) noexcept;
  void put_off(turn_end*& list, turn_end& node) noexcept;
  static void run(turn_end*& list) noexcept;
  void tell_deadline() noexcept;
  [[nodiscard]] instant local_deadline() const noexcept;

  loop_host& host_;
  now time_;
  instant told_deadline_ = instant::never();
  bool deadline_told_ = true;  // the host still has told_deadline_
  bool shut_down_ = false;
  bool host_left_ = false;
  unsigned depth_ = 0;
  std::size_t holds_ = 0;
  std::unique_ptr<timer_heap> timers_;
  turn_end* deferred_ = nullptr;
  turn_end* at_end_ = nullptr;
  block_pool blocks_;
  loop_remote remote_;
};

}  // namespace drywire
