#include "uv_listener.hpp"

#include "uv_handle.hpp"
#include "uv_stream.hpp"

#include <cerrno>
#include <new>
#include <utility>

namespace drywire {

namespace {

// Peers accepted, or turned away, before the streams get their turn.
constexpr std::size_t peers_a_turn_max = 64;

constexpr duration retry_after = milliseconds(100);
constexpr duration errors_apart = seconds(1);

}  // namespace

result<listener*> uv_listener::make(uv_backend& loop, const endpoint& where,
                                    accept_handler& handler,
                                    const listen_options& options) noexcept {
  result<descriptor> bound = listen_socket(where, options);
  if (!bound) return bound.error();
  const int fd = bound->get();
  auto* made = new (std::nothrow) uv_listener(loop, handler, std::move(*bound));
  if (made == nullptr) return error(ENOMEM);
  if (const int failed = uv_poll_init(&loop.loop(), &made->poll_, fd)) {
    delete made;
    return uv_error(failed);
  }
  made->poll_.data = static_cast<uv_entry*>(made);
  made->accept_on();
  return static_cast<listener*>(made);
}

uv_handle_t& uv_listener::handle() noexcept { return *as_handle(poll_); }

void uv_listener::close() noexcept {
  if (ended()) return;
  retry_.cancel();
  end();
  socket_.close();
}

void uv_listener::accept_on() noexcept {
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* h, int status, int) noexcept {
    auto& self = static_cast<uv_listener&>(owner_of<uv_entry>(h));
    const loop_core::callback_scope scope(self.core());
    self.accept_waiting(uv_error(status));
  });
}

// uv calls again as long as somebody waits. Without descriptors accept() fails before it looks
// whether anybody does: behind the first that is no news.
void uv_listener::accept_waiting(error told) noexcept {
  if (told) return accept_failed(told);
  for (std::size_t i = 0; i != peers_a_turn_max && !ended(); ++i) {
    const error failure = take_one();
    if (failure == error(EAGAIN) || (failure && i != 0)) return;
    if (failure) return accept_failed(failure);
  }
}

error uv_listener::take_one() noexcept {
  result<accepted_socket> taken = accept_socket(socket_.get());
  if (!taken) return is_peer_gone(taken.error()) ? error() : taken.error();
  error failure;
  if (auto* accepted = uv_stream::accept(loop(), std::move(*taken), failure)) {
    handler_.on_accept(*this, *accepted);
    accepted->start();
  }
  return failure;
}

// Who waits is turned away, lest they hang; and when not even that works, is left to hang for a
// moment, lest we spin.
void uv_listener::accept_failed(error failure) noexcept {
  tell_error(failure);
  if (ended()) return;
  if (is_out_of_descriptors(failure) && loop().spare().shed(socket_.get(), peers_a_turn_max) > 0) {
    return;
  }
  uv_poll_stop(&poll_);
  core().arm(retry_, core().time().steady + retry_after);
}

void uv_listener::tell_error(error failure) noexcept {
  const instant time = core().time().steady;
  if (time < quiet_until_) return;
  quiet_until_ = time + errors_apart;
  handler_.on_accept_error(*this, failure);
}

}  // namespace drywire
