#include "native_watch.hpp"

#include "native_backend.hpp"

#include <unistd.h>

#include <utility>

namespace drywire {

error native_watch::open(int fd) noexcept {
  const error failed = owner_.selector().add(fd, name(), interest::readable);
  if (!failed) fd_ = fd;
  return failed;
}

// The poll tells only of what is new: what is there already is found by looking, once the others
// had their turn.
void native_watch::await_readable(seen what) noexcept {
  awaits_readable_ = true;
  if (what == seen::drained && !std::exchange(ending_, false)) {
    readable_ = false;
    owner_.selector().would_block(fd_, interest::readable);
  }
  if (readable_) owner_.core().defer(*this);
}

// Only descriptors that once were slower than we ask for it: the others are spared a wake-up.
void native_watch::await_writable() noexcept {
  awaits_writable_ = true;
  owner_.selector().would_block(fd_, interest::writable);
  if (std::exchange(watches_room_, true)) return;
  if (owner_.selector().modify(fd_, name(), interest::both)) {
    watches_room_ = false;
    owner_.core().defer(*this);  // without memory for it, the target looks again and again
  }
}

// What was asked for while the target was told of the one isn't answered by the other, which was
// found before.
void native_watch::on_ready(readiness r) noexcept {
  if (target_ == nullptr) return;
  const bool tells_writable = r.writable() && awaits_writable_;
  if (r.readable()) readable_ = true;
  if (r.read_closed() || r.error()) ending_ = true;
  if (tells_writable) {
    awaits_writable_ = false;
    target_->on_writable();
  }
  if (r.error()) awaits_readable_ = true;  // the target may have had no reason to look
  if (r.readable()) tell_readable();
}

void native_watch::tell_readable() noexcept {
  if (target_ != nullptr && std::exchange(awaits_readable_, false)) target_->on_readable();
}

void native_watch::on_turn_end() noexcept {
  if (readable_) tell_readable();
  if (target_ == nullptr || watches_room_ || !std::exchange(awaits_writable_, false)) return;
  target_->on_writable();
}

void native_watch::close() noexcept {
  const int fd = fd_;
  release();
  if (fd >= 0) ::close(fd);
}

// A copy of the descriptor elsewhere would keep it in the poll.
void native_watch::release() noexcept {
  target_ = nullptr;
  turn_end::cancel();
  if (fd_ >= 0) static_cast<void>(owner_.selector().remove(std::exchange(fd_, -1)));
  owner_.bury(*this);
}

}  // namespace drywire
