#include "socket_listener.hpp"

#include "socket_stream.hpp"

#include <cerrno>
#include <new>
#include <utility>

namespace drywire {

namespace {

// Peers accepted, or turned away, before the streams get their turn.
constexpr std::size_t peers_a_turn_max = 64;

// How long accepting rests when there is no descriptor even to turn peers away with.
constexpr duration rest = milliseconds(100);

// A lack lasts for many attempts; it is told once in a while.
constexpr duration errors_apart = seconds(1);

}  // namespace

result<listener*> socket_listener::make(socket_backend& loop, const endpoint& where,
                                        accept_handler& handler,
                                        const listen_options& options) noexcept {
  auto* made = new (std::nothrow) socket_listener(loop, handler);
  if (made == nullptr) return error(ENOMEM);
  if (const error failure = made->open(where, options)) {
    delete made;
    return failure;
  }
  made->watch().await_readable(socket_watch::seen::may_have_more);
  return static_cast<listener*>(made);
}

error socket_listener::open(const endpoint& where, const listen_options& options) noexcept {
  result<descriptor> bound = sockets().listen(where, options);
  if (!bound) return bound.error();
  file_ = sockets().file_of(where);
  const error failure = start_watch(std::move(*bound));
  if (!failure) local_ = sockets().local(fd());
  return failure;
}

void socket_listener::close() noexcept {
  retry_.cancel();
  if (ended()) return;
  file_.remove();
  end();
}

void socket_listener::on_readable() noexcept {
  for (std::size_t i = 0; i != peers_a_turn_max && !ended(); ++i) {
    const error failure = take_one();
    if (failure == error(EAGAIN)) return watch().await_readable(socket_watch::seen::drained);
    if (failure) return accept_failed(failure);
  }
  if (!ended()) watch().await_readable(socket_watch::seen::may_have_more);
}

error socket_listener::take_one() noexcept {
  result<accepted_socket> taken = sockets().accept(fd());
  if (!taken) return is_peer_gone(taken.error()) ? error() : taken.error();
  error failure;
  if (auto* accepted = socket_stream::accept(loop(), std::move(*taken), failure)) {
    handler_.on_accept(*this, *accepted);
    accepted->start();
  }
  return failure;
}

// Without descriptors accept() fails before it looks whether anybody waits. Who does is turned
// away, lest they hang; and when not even that works, is left to hang for a moment, lest we spin.
void socket_listener::accept_failed(error failure) noexcept {
  if (!sockets().peer_waits(fd())) return watch().await_readable(socket_watch::seen::drained);
  const std::size_t shed =
      is_out_of_descriptors(failure) ? sockets().shed(fd(), peers_a_turn_max) : 0;
  if (shed == 0) {
    core().arm(retry_, core().time().steady + rest);
  } else {
    watch().await_readable(socket_watch::seen::may_have_more);
  }
  tell_error(failure);
}

void socket_listener::tell_error(error failure) noexcept {
  const instant time = core().time().steady;
  if (time < quiet_until_) return;
  quiet_until_ = time + errors_apart;
  handler_.on_accept_error(*this, failure);
}

void socket_listener::retry_timer::on_timer() noexcept {
  accepting.watch().await_readable(socket_watch::seen::may_have_more);
}

}  // namespace drywire
