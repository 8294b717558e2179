#include "socket_datagram.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace drywire {

namespace {

// Datagrams, and then errors, that one socket may deliver before the others get their turn.
constexpr int datagrams_a_turn_max = 64;

// Nothing tells when a receiver in the Unix domain has read, so it is tried, first soon, then less
// and less often.
constexpr duration room_pause_first = milliseconds(1);
constexpr duration room_pause_max = milliseconds(64);

}  // namespace

result<datagram_socket*> socket_datagram::make(socket_backend& loop, const endpoint& where,
                                               datagram_handler& handler,
                                               const datagram_options& options) noexcept {
  auto* made = new (std::nothrow) socket_datagram(loop, handler, options.size_max);
  if (made == nullptr) return error(ENOMEM);
  if (const error failure = made->open(where, options)) {
    delete made;
    return failure;
  }
  made->await_readable(socket_watch::seen::may_have_more);
  return static_cast<datagram_socket*>(made);
}

socket_datagram::socket_datagram(socket_backend& loop, datagram_handler& handler,
                                 std::size_t size_max) noexcept
    : socket_entry(loop),
      handler_(handler),
      size_max_(std::clamp(size_max, std::size_t{1}, block_pool::block_size)) {}

error socket_datagram::open(const endpoint& where, const datagram_options& options) noexcept {
  result<descriptor> bound = sockets().bind_datagram(where, options);
  if (!bound) return bound.error();
  file_ = sockets().file_of(where);
  const error failure = start_watch(std::move(*bound));
  if (!failure) local_ = sockets().local(fd());
  return failure;
}

// Receiving.

void socket_datagram::on_readable() noexcept {
  awaits_readable_ = false;
  if (!may_read()) return;
  reading_ = true;
  const socket_watch::seen what = deliver_some();
  reading_ = false;
  await_readable(what);
}

// Who is woken, and finds no datagram, was woken by an error. One behind datagrams wakes again.
socket_watch::seen socket_datagram::deliver_some() noexcept {
  block lender;
  bool found = false;
  for (int i = 0; i != datagrams_a_turn_max && may_read(); ++i) {
    const error failure = deliver(lender);
    if (failure == error(EAGAIN) && found) return socket_watch::seen::drained;
    if (failure) return tell_undelivered();
    found = true;
  }
  return socket_watch::seen::may_have_more;
}

// EAGAIN, or why an earlier datagram of ours was not delivered; else it has gone on, or ended. A
// block that the handler took is replaced.
error socket_datagram::deliver(block& lender) noexcept {
  if (!lender) lender = core().blocks().acquire();
  if (!lender) {
    end_with(error(ENOMEM));
    return {};
  }
  const mutable_bytes room = lender.memory().first(size_max_);
  const result<received_datagram> got = sockets().receive_from(fd(), room);
  if (!got && (got.error() == error(EAGAIN) || is_undelivered(got.error()))) return got.error();
  if (!got) {
    end_with(got.error());
    return {};
  }
  lent_buffer lent(lender, room.first(got->size));
  handler_.on_datagram(*this, lent, got->from, got->truncated);
  return {};
}

socket_watch::seen socket_datagram::tell_undelivered() noexcept {
  for (int i = 0; i != datagrams_a_turn_max && !ended(); ++i) {
    const result<undelivered_datagram> next = sockets().next_undelivered(fd());
    if (!next) return socket_watch::seen::drained;
    handler_.on_undelivered(*this, next->failure, next->to);
  }
  return socket_watch::seen::may_have_more;
}

void socket_datagram::resume_reading() noexcept {
  if (std::exchange(paused_, false)) await_readable(socket_watch::seen::may_have_more);
}

void socket_datagram::await_readable(socket_watch::seen what) noexcept {
  if (!may_read() || reading_ || std::exchange(awaits_readable_, true)) return;
  watch().await_readable(what);
}

// Sending.

error socket_datagram::send_to(std::span<const const_bytes> pieces, const endpoint& to) noexcept {
  if (ended()) return error(EBADF);
  const error failure = sockets().send_to(fd(), pieces, to);
  if (failure == error(EAGAIN)) await_room();
  if (!failure) room_pause_ = {};
  return failure;
}

// There may be room here, and none at the receiver.
void socket_datagram::await_room() noexcept {
  if (std::exchange(owes_writable_, true)) return;
  if (!sockets().has_room(fd())) {
    if (!std::exchange(awaits_writable_, true)) watch().await_writable();
    return;
  }
  const duration doubled(room_pause_.nanoseconds * 2);
  room_pause_ = std::clamp(doubled, room_pause_first, room_pause_max);
  core().arm(room_timer_, core().time().steady + room_pause_);
}

// An error, too, wakes who waits for room, and goes on doing so until it is read.
void socket_datagram::on_writable() noexcept {
  awaits_writable_ = false;
  if (!ended()) static_cast<void>(tell_undelivered());
  tell_writable();
}

void socket_datagram::tell_writable() noexcept {
  if (!ended() && std::exchange(owes_writable_, false)) handler_.on_writable(*this);
}

// The end.

void socket_datagram::close() noexcept {
  if (!ended()) end_with({});
}

void socket_datagram::cancel() noexcept {
  if (!ended()) end_with(error(ECANCELED));
}

void socket_datagram::end_with(error reason) noexcept {
  room_timer_.cancel();
  file_.remove();
  reason_ = reason;
  end();
}

}  // namespace drywire
