#include "uv_watch.hpp"

#include "uv_handle.hpp"

#include <unistd.h>

#include <cerrno>
#include <new>

namespace drywire {

result<socket_watch*> uv_watch::open(uv_loop_t& loop, int fd, loop_core& core, uv_turner& turner,
                                     watched_socket& target) noexcept {
  auto* made = new (std::nothrow) uv_watch(fd, core, turner, target);
  if (made == nullptr) return error(ENOMEM);
  if (const int failed = uv_poll_init(&loop, &made->handle_, fd)) {
    delete made;
    return uv_error(failed);
  }
  made->handle_.data = made;
  turner.hold();
  return static_cast<socket_watch*>(made);
}

// uv looks anew whether the descriptor is ready, whatever was seen before.
void uv_watch::await_readable(seen) noexcept { await(UV_READABLE); }

void uv_watch::await_writable() noexcept { await(UV_WRITABLE); }

void uv_watch::await(int event) noexcept {
  awaited_ |= event;
  if (!telling_) follow();
}

// An error ends uv's polling of the handle, and is found by the target's own call.
void uv_watch::on_ready(int status, int events) noexcept {
  if (status != 0) {
    events = UV_READABLE | UV_WRITABLE;
    polled_ = 0;
  }
  const loop_core::callback_scope scope(core_);
  const int told = awaited_ & events;
  telling_ = true;
  tell(UV_WRITABLE, told, &watched_socket::on_writable);
  tell(UV_READABLE, told, &watched_socket::on_readable);
  telling_ = false;
  if (target_ != nullptr) follow();
}

void uv_watch::tell(int event, int events, void (watched_socket::*call)() noexcept) noexcept {
  if (target_ == nullptr || (events & event) == 0) return;
  awaited_ &= ~event;
  (target_->*call)();
}

// Each change costs the system calls of leaving epoll and entering it again, so what is awaited
// again from within its own callback is no change. A handle that waits for nothing isn't polled,
// or uv would be woken by what nobody reads.
void uv_watch::follow() noexcept {
  if (polled_ == awaited_) return;
  polled_ = awaited_;
  uv_poll_start(&handle_, awaited_, [](uv_poll_t* h, int status, int events) noexcept {
    owner_of<uv_watch>(h).on_ready(status, events);
  });
}

void uv_watch::close() noexcept {
  const int fd = fd_;
  release();
  ::close(fd);
}

void uv_watch::release() noexcept {
  target_ = nullptr;
  uv_close(as_handle(handle_), [](uv_handle_t* h) noexcept { owner_of<uv_watch>(h).free(); });
}

void uv_watch::free() noexcept {
  uv_turner& turner = turner_;
  delete this;
  turner.release();
}

}  // namespace drywire
