#include "sim_watch.hpp"

#include "sim_backend.hpp"
#include "state.hpp"

namespace drywire::sim {

namespace {

constexpr std::size_t spurious_once_in = 16;

}  // namespace

sim_watch::sim_watch(sim_backend& owner, int fd, watched_socket& target) noexcept
    : owner_(owner), target_(target), fd_(fd) {
  owner_.at().set_watch(fd_, this);
}

// Whatever was seen: the fault of short reads leaves bytes behind one.
void sim_watch::await_readable(seen) noexcept {
  awaits_readable_ = true;
  spurious_ = owner_.network().strikes(fault::would_block, spurious_once_in);
  look();
}

void sim_watch::await_writable() noexcept {
  awaits_writable_ = true;
  look();
}

void sim_watch::look() noexcept {
  if (!linked() && awaits_ready()) owner_.ready(*this);
}

void sim_watch::look_at_error() noexcept {
  awaits_readable_ = true;
  look();
}

bool sim_watch::awaits_ready() const noexcept {
  return (awaits_writable_ && owner_.at().is_writable(fd_)) ||
         (awaits_readable_ && (spurious_ || owner_.at().is_readable(fd_)));
}

// It may be closed by what it calls.
void sim_watch::tell() noexcept {
  sim_backend& owner = owner_;
  owner.telling = this;
  if (awaits_writable_ && owner.at().is_writable(fd_)) {
    awaits_writable_ = false;
    target_.on_writable();
  }
  if (owner.telling != this) return;
  if (awaits_readable_ && (spurious_ || owner.at().is_readable(fd_))) {
    awaits_readable_ = false;
    target_.on_readable();
  }
}

void sim_watch::close() noexcept {
  socket_calls& calls = owner_.calls();
  const int fd = fd_;
  release();
  calls.close(fd);
}

void sim_watch::release() noexcept {
  if (owner_.telling == this) owner_.telling = nullptr;
  unlink();
  owner_.at().set_watch(fd_, nullptr);
  delete this;
}

}  // namespace drywire::sim
