#include "native_listener.hpp"

#include "native_backend.hpp"
#include "native_stream.hpp"

#include <poll.h>

#include <cerrno>
#include <limits>
#include <new>
#include <utility>

namespace drywire {

namespace {

// So many in a row, before streams have their turn.
constexpr std::size_t peers_max = 64;
constexpr duration retry_after = milliseconds(100);
constexpr duration errors_apart = seconds(1);

bool somebody_waits(int fd) noexcept {
  pollfd listening{fd, POLLIN, 0};
  return ::poll(&listening, 1, 0) > 0;
}

}  // namespace

error native_listener::open() noexcept {
  quiet_until_ = {std::numeric_limits<std::int64_t>::min()};
  return owner().selector().add(fd_.get(), name(), interest::readable);
}

void native_listener::accept_some() noexcept {
  for (std::size_t i = 0; fd_; ++i) {
    if (i == peers_max) return owner().core().defer(*this);
    auto taken = accept_socket(fd_.get());
    if (taken) {
      accepted(std::move(*taken));
    } else if (taken.error() == error(EAGAIN)) {
      return owner().selector().would_block(fd_.get(), interest::readable);
    } else if (!is_peer_gone(taken.error())) {
      return accepting_failed(taken.error());
    }
  }
}

void native_listener::accepted(accepted_socket taken) noexcept {
  auto* made = new (std::nothrow) native_stream(owner(), stream::ignoring_handler(), taken.peer);
  if (made == nullptr) return tell_error(error(ENOMEM));
  made->accept(std::move(taken.fd));
  handler_.on_accept(*this, *made);
  made->abort_if_ignored();
}

// Without descriptors accept() fails before it looks whether anybody waits. Who does is turned
// away, lest they hang; and when not even that works, is left to hang for a moment, lest we spin.
void native_listener::accepting_failed(error failed) noexcept {
  if (!somebody_waits(fd_.get())) return;
  tell_error(failed);
  if (!fd_) return;
  if (owner().spare().shed(fd_.get(), peers_max) > 0) return owner().core().defer(*this);
  owner().core().arm(*this, owner().core().time().steady + retry_after);
}

void native_listener::tell_error(error failed) noexcept {
  const instant time = owner().core().time().steady;
  if (time < quiet_until_) return;
  quiet_until_ = time + errors_apart;
  handler_.on_accept_error(*this, failed);
}

void native_listener::close() noexcept {
  if (!fd_) return;
  fd_.close();
  timer::cancel();
  owner().core().defer(*this);
}

void native_listener::on_turn_end() noexcept {
  if (fd_) {
    accept_some();
  } else {
    tell_closed();
  }
}

void native_listener::tell_closed() noexcept {
  handler_.on_listener_closed(*this);
  delete this;
}

void native_listener::cancel() noexcept {
  close();
  turn_end::cancel();
  tell_closed();
}

}  // namespace drywire
