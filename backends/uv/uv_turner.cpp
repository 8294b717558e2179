#include "uv_turner.hpp"

#include "uv_backend.hpp"
#include "uv_handle.hpp"

#include <cerrno>
#include <cstdint>
#include <new>
#include <utility>

namespace drywire {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;

// Upwards: uv's clock is the same CLOCK_MONOTONIC in whole milliseconds, rounded down, so that a
// timer of it never fires before the nanosecond.
std::uint64_t uv_time(instant t) noexcept {
  const std::int64_t ms = t.nanoseconds / ns_per_ms;
  return static_cast<std::uint64_t>(t.nanoseconds % ns_per_ms == 0 ? ms : ms + 1);
}

}  // namespace

result<uv_turner*> uv_turner::open(uv_loop_t& loop, uv_backend& turned,
                                   bool keeps_running) noexcept {
  auto* made = new (std::nothrow) uv_turner(turned);
  if (made == nullptr) return error(ENOMEM);
  const auto on_woken = [](uv_async_t* h) noexcept { owner_of<uv_turner>(h).turned_.on_woken(); };
  if (const int failed = uv_async_init(&loop, &made->async_, on_woken)) {
    delete made;
    return uv_error(failed);
  }
  uv_timer_init(&loop, &made->timer_);  // neither of these can fail
  uv_idle_init(&loop, &made->idle_);
  made->async_.data = made->timer_.data = made->idle_.data = made;
  made->keeps_running_ = keeps_running;
  if (!keeps_running) uv_unref(as_handle(made->async_));
  return made;
}

// A timer of 0 ms that is started from within a uv timer's callback fires in the same pass, again
// and again, and sockets starve. An idle handle is called once in each pass, which doesn't wait.
void uv_turner::set_deadline(instant deadline, instant time) noexcept {
  if (deadline <= time) {
    uv_timer_stop(&timer_);
    uv_idle_start(&idle_, [](uv_idle_t* h) noexcept { owner_of<uv_turner>(h).turn_now(); });
    return;
  }
  uv_idle_stop(&idle_);
  if (deadline == instant::never()) {
    uv_timer_stop(&timer_);
  } else {
    start_timer(deadline);
  }
}

// uv reads its clock once a pass and waits from there: callbacks that took long would make the
// timer late.
void uv_turner::start_timer(instant deadline) noexcept {
  uv_update_time(timer_.loop);
  const std::uint64_t due = uv_time(deadline);
  const std::uint64_t present = uv_now(timer_.loop);
  const auto on_due = [](uv_timer_t* h) noexcept { owner_of<uv_turner>(h).turned_.turn(); };
  uv_timer_start(&timer_, on_due, due > present ? due - present : 0, 0);
}

void uv_turner::turn_now() noexcept {
  uv_idle_stop(&idle_);
  turned_.turn();
}

// A stream that is paused waits for nothing, so its own handle doesn't count for uv.
void uv_turner::hold() noexcept {
  if (held_++ == 0) uv_ref(as_handle(async_));
}

void uv_turner::release() noexcept {
  if (--held_ == 0 && !keeps_running_) uv_unref(as_handle(async_));
  free_if_let_go();
}

void uv_turner::close(uv_backend* leaver) noexcept {
  leaver_ = leaver;
  if (std::exchange(closing_, true)) return;
  close_handle(async_);
  close_handle(timer_);
  close_handle(idle_);
}

template <class Handle>
void uv_turner::close_handle(Handle& handle) noexcept {
  uv_close(as_handle(handle),
           [](uv_handle_t* h) noexcept { owner_of<uv_turner>(h).release_own(); });
}

void uv_turner::release_own() noexcept {
  --open_handles_;
  free_if_let_go();
}

void uv_turner::free_if_let_go() noexcept {
  if (open_handles_ != 0 || held_ != 0) return;
  uv_backend* const leaver = leaver_;
  delete this;
  if (leaver != nullptr) leaver->on_left();
}

}  // namespace drywire
