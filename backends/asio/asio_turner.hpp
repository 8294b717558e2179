// Makes a loop_core turn: at its deadline, and when another thread wakes it.
#pragma once

#include "asio_include.hpp"
#include "operation_slot.hpp"

#include <drywire/loop/loop_core.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace drywire {

class asio_backend;

/// Shared by the backend, its watches and the handlers that are under way, which may outlive it.
class asio_turner final : public std::enable_shared_from_this<asio_turner> {
 public:
  asio_turner(net::io_context& context, loop_core& core)
      : context_(context), timer_(context), core_(&core) {}

  /// Any thread. Many calls have one effect.
  void wake() noexcept;
  void set_deadline(instant deadline) noexcept;
  /// The core isn't touched from here on, and no timer keeps the io_context running.
  void abandon() noexcept;
  /// As abandon(); and tells `leaver` once the io_context has called every handler of a wait.
  void leave(asio_backend& leaver) noexcept;

  // For watches.

  [[nodiscard]] loop_core& core() const noexcept { return *core_; }
  /// Something that the io_context has to let go of begins, ends.
  void begin() noexcept { ++under_way_; }
  void end() noexcept { --under_way_; }

 private:
  using clock = std::chrono::steady_clock;

  // A handler that keeps its object, and whose operation lies in a slot of that.
  struct handler {
    using allocator_type = slot_allocator<void>;
    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type(*slot); }

    std::shared_ptr<asio_turner> turner;
    operation_slot* slot;
  };
  struct woken : handler {
    void operator()() const noexcept { turner->on_wake(); }
  };
  struct expired : handler {
    void operator()(const net_error& failure) const noexcept {
      turner->end();
      if (!failure) turner->on_expiry();
    }
  };

  void on_wake() noexcept;
  void on_expiry() noexcept;
  void cancel() noexcept;
  void try_to_leave() noexcept;
  [[nodiscard]] operation_slot& free_timer_slot() noexcept;

  net::io_context& context_;
  net::basic_waitable_timer<clock, net::wait_traits<clock>, net::io_context::executor_type> timer_;
  loop_core* core_;                 // null once abandoned
  asio_backend* leaver_ = nullptr;  // who is told when nothing is under way
  std::size_t under_way_ = 0;
  instant waits_for_ = instant::never();
  std::atomic<bool> wake_posted_ = false;
  operation_slot wake_slot_;
  // A wait that was cancelled holds its memory until its handler has been called.
  std::array<operation_slot, 2> timer_slots_;
};

}  // namespace drywire
