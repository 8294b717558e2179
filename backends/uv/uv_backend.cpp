#include "uv_backend.hpp"

#include "uv_handle.hpp"
#include "uv_watch.hpp"

#include <drywire/uv/uv.hpp>

#include <cassert>
#include <cerrno>
#include <new>

namespace drywire {

namespace {

std::unique_ptr<backend> opened(uv_backend* made, error failed, error* failure) noexcept {
  std::unique_ptr<backend> owner(made);
  if (failure != nullptr) *failure = failed;
  if (failed) owner.reset();
  return owner;
}

// What ends the wait of run_once().
struct wait_limit final : timer {
  ~wait_limit() override { cancel(); }
  void on_timer() noexcept override {}
};

}  // namespace

std::unique_ptr<backend> make_uv(error* failure) {
  auto* made = new (std::nothrow) uv_backend;
  return opened(made, made == nullptr ? error(ENOMEM) : made->make_loop(), failure);
}

std::unique_ptr<backend> attach_uv(uv_loop_s& loop, error* failure) {
  auto* made = new (std::nothrow) uv_backend;
  return opened(made, made == nullptr ? error(ENOMEM) : made->attach(loop), failure);
}

uv_backend::uv_backend() noexcept : socket_backend(static_cast<loop_host&>(*this), sockets_) {}

error uv_backend::make_loop() noexcept {
  if (const int failed = uv_loop_init(&own_loop_)) return uv_error(failed);
  loop_ = &own_loop_;
  return open_turner();
}

error uv_backend::attach(uv_loop_t& loop) noexcept {
  loop_ = &loop;
  return open_turner();
}

// A loop of ours runs until run() says so: it looks at the core, not at uv's handles.
error uv_backend::open_turner() noexcept {
  auto made = uv_turner::open(*loop_, *this, owns_loop());
  if (made) turner_ = *made;
  return made.error();
}

uv_backend::~uv_backend() {
  assert(!core_.in_scope() && "a loop is destroyed within one of its callbacks");
  core_.shut_down();
  signals_.remove_all();
  close_all();
  if (turner_ != nullptr) turner_->close(nullptr);
  if (owns_loop()) close_loop();
}

// The handles that are closing need turns, in which nobody is told anything any more.
void uv_backend::close_loop() noexcept {
  while (uv_loop_close(loop_) == UV_EBUSY) uv_run(loop_, UV_RUN_NOWAIT);
}

capability uv_backend::capabilities() const noexcept { return system_capabilities(); }

result<socket_watch*> uv_backend::watch(int fd, watched_socket& target) noexcept {
  return uv_watch::open(*loop_, fd, core_, *turner_, target);
}

error uv_backend::handle_signal(int signal_number, signal_handler& handler) noexcept {
  return detaching() ? error(ECANCELED) : signals_.add(signal_number, handler);
}

void uv_backend::remove_signal(int signal_number) noexcept { signals_.remove(signal_number); }

// uv_async_send() is safe here, but for errno.
void uv_backend::wake_from_signal() noexcept {
  const int saved = errno;
  signalled_ = true;
  turner_->wake();
  errno = saved;
}

void uv_backend::on_woken() noexcept {
  if (signalled_.exchange(false)) {
    const loop_core::callback_scope scope(core_);
    signals_.deliver();
  }
  core_.turn();
}

void uv_backend::set_deadline(instant deadline) noexcept {
  turner_->set_deadline(deadline, read_clocks().steady);
}

// uv fires timers and idle handles before it polls, and would then wait for another event, even if
// none can come any more: a pass of a loop of ours ends here, without waiting.
void uv_backend::turn() noexcept {
  core_.turn();
  if (owns_loop()) uv_stop(loop_);
}

// An application's loop is the application's to stop.
void uv_backend::stop() noexcept {
  if (!owns_loop()) return;
  stopped_ = true;
  turner_->wake();
}

bool uv_backend::cancel_all() noexcept {
  signals_.remove_all();
  return socket_backend::cancel_all();
}

void uv_backend::leave_host() noexcept {
  if (owns_loop()) return host_let_go();
  turner_->close(this);
}

void uv_backend::on_left() noexcept {
  turner_ = nullptr;
  host_let_go();
  tell_detached();
}

error uv_backend::run() noexcept {
  if (!owns_loop()) return error(ENOTSUP);
  if (core_.in_scope()) return error(EBUSY);
  while (!stopped_.exchange(false) && core_.alive()) uv_run(loop_, UV_RUN_ONCE);
  tell_detached();
  return {};
}

bool uv_backend::run_once(duration wait_max) noexcept {
  if (!owns_loop() || core_.in_scope()) return false;
  wait_limit limit;
  const bool waits = wait_max > duration() && !detaching();  // then no timer would end the wait
  if (waits) core_.arm(limit, core_.time().steady + wait_max);
  uv_run(loop_, waits ? UV_RUN_ONCE : UV_RUN_NOWAIT);
  limit.cancel();
  const bool left = core_.alive();
  tell_detached();
  return left;
}

}  // namespace drywire
