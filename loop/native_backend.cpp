#include "native_backend.hpp"

#include "native_watch.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <new>
#include <utility>

namespace drywire {

std::unique_ptr<native_loop> make_native(error* failure) { return make_native({}, failure); }

std::unique_ptr<native_loop> make_native(const native_options& options, error* failure) {
  std::unique_ptr<native_backend> made(new (std::nothrow) native_backend);
  const error failed = made != nullptr ? made->open(options) : error(ENOMEM);
  if (failure != nullptr) *failure = failed;
  if (failed) made.reset();
  return made;
}

native_backend::native_backend() noexcept
    : native_loop(static_cast<loop_host&>(*this), sockets_),
      signals_(static_cast<signal_waker&>(*this)) {}

native_backend::~native_backend() {
  assert(!running_ && !core_.in_scope() && "a loop is destroyed within one of its callbacks");
  core_.shut_down();
  close_all();
  free_closed();
}

capability native_backend::capabilities() const noexcept { return system_capabilities(); }

result<socket_watch*> native_backend::watch(int fd, watched_socket& target) noexcept {
  std::unique_ptr<native_watch> made(new (std::nothrow) native_watch(*this, target));
  if (made == nullptr) return error(ENOMEM);
  if (const error failed = made->open(fd)) return failed;
  return static_cast<socket_watch*>(made.release());
}

error native_backend::handle_signal(int signal_number, signal_handler& handler) noexcept {
  return detaching() ? error(ECANCELED) : signals_.add(signal_number, handler);
}

void native_backend::remove_signal(int signal_number) noexcept { signals_.remove(signal_number); }

bool native_backend::cancel_all() noexcept {
  signals_.remove_all();
  return socket_backend::cancel_all();
}

error native_backend::run() noexcept {
  if (running_ || core_.in_scope()) return error(EBUSY);
  running_ = true;
  while (!take_stop() && core_.alive()) turn(duration::max());
  running_ = false;
  tell_detached();
  return {};
}

bool native_backend::run_once(duration wait_max) noexcept {
  if (running_ || core_.in_scope()) return false;
  turn(wait_max);
  const bool left = core_.alive();
  tell_detached();
  return left;
}

void native_backend::turn(duration wait_max) noexcept {
  free_closed();
  // A signal ends the wait with nothing ready, which is a turn like one whose time is over.
  const error failed = poll_.wait(ready_, time_to_wait(wait_max));
  assert((!failed || failed == error(EINTR)) && "somebody closed the loop's descriptors");
  (void)failed;
  if (ready_.empty() || dispatch()) core_.turn();
}

std::optional<duration> native_backend::time_to_wait(duration wait_max) const noexcept {
  if (deadline_ != instant::never()) return std::min(wait_max, deadline_ - core_.time().steady);
  if (wait_max != duration::max()) return wait_max;
  return std::nullopt;
}

// True when the core has to turn, too.
bool native_backend::dispatch() noexcept {
  bool woken = false;
  instant time;
  {
    const loop_core::callback_scope scope(core_);
    time = core_.time().steady;
    for (const readiness& r : ready_) {
      if (r.name() == wake_name) {
        woken = true;
      } else {
        native_watch::named(r.name()).on_ready(r);
      }
    }
    if (woken) signals_.deliver();
  }
  return woken || deadline_ <= time;
}

void native_backend::bury(native_watch& closed) noexcept {
  closed.next_closed_ = std::exchange(closed_, &closed);
}

void native_backend::free_closed() noexcept {
  while (closed_ != nullptr) delete std::exchange(closed_, closed_->next_closed_);
}

}  // namespace drywire
