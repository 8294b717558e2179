#include "asio_watch.hpp"

namespace drywire {

error asio_watch::assign(int fd) noexcept {
  net_error failure;
  descriptor_.assign(fd, failure);
  return error(failure.value());
}

// A wait looks anew whether the descriptor is ready, whatever was seen before.
void asio_watch::await_readable(seen) noexcept {
  descriptor_.async_wait(descriptor_.wait_read, waiting(*this, direction::read));
}

void asio_watch::await_writable() noexcept {
  descriptor_.async_wait(descriptor_.wait_write, waiting(*this, direction::write));
}

void asio_watch::close() noexcept {
  net_error ignored;
  descriptor_.close(ignored);
  retire();
}

void asio_watch::release() noexcept {
  static_cast<void>(descriptor_.release());
  retire();
}

void asio_watch::retire() noexcept {
  target_ = nullptr;
  work_.reset();
  unuse();
}

// A wait fails only by being cancelled, and only close() cancels. Were there another error, the
// target would meet it in its own call.
void asio_watch::ready(direction d) noexcept {
  if (target_ == nullptr) return;
  const loop_core::callback_scope scope(turner_->core());
  if (d == direction::read) {
    target_->on_readable();
  } else {
    target_->on_writable();
  }
}

void asio_watch::unuse() noexcept {
  if (--users_ == 0) delete this;
}

}  // namespace drywire
