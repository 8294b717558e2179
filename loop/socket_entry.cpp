#include "socket_entry.hpp"

#include <cassert>
#include <utility>

namespace drywire {

socket_entry::socket_entry(socket_backend& loop) noexcept
    : loop_(loop), next_(loop.entries_), previous_next_(&loop.entries_) {
  if (next_ != nullptr) next_->previous_next_ = &next_;
  loop.entries_ = this;
  core().hold();
}

socket_entry::~socket_entry() {
  if (watch_ != nullptr) watch_->close();
  *previous_next_ = next_;
  if (next_ != nullptr) next_->previous_next_ = previous_next_;
  core().unhold();
}

error socket_entry::start_watch(descriptor fd) noexcept {
  const error failure = start_watch(fd.get());
  if (!failure) static_cast<void>(fd.release());
  return failure;
}

error socket_entry::start_watch(int fd) noexcept {
  result<socket_watch*> made = loop_.watch(fd, *this);
  if (!made) return made.error();
  watch_ = *made;
  fd_ = fd;
  return {};
}

void socket_entry::end() noexcept {
  assert(!ended());
  fd_ = -1;
  if (watch_ != nullptr) std::exchange(watch_, nullptr)->close();
  core().defer(*this);
}

int socket_entry::end_released() noexcept {
  assert(!ended());
  std::exchange(watch_, nullptr)->release();
  core().defer(*this);
  return std::exchange(fd_, -1);
}

void socket_entry::on_turn_end() noexcept {
  told_ = true;
  tell_end();
  delete this;
}

}  // namespace drywire
