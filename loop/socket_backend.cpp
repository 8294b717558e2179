#include "socket_entry.hpp"
#include "socket_listener.hpp"
#include "socket_signals.hpp"
#include "socket_stream.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <cassert>
#include <cerrno>
#include <new>

namespace drywire {

socket_backend::socket_backend(loop_host& host, socket_calls& sockets)
    : backend(host), sockets_(sockets) {}

socket_backend::~socket_backend() { assert(entries_ == nullptr && signals_ == nullptr); }

result<listener*> socket_backend::listen(const endpoint& where, accept_handler& handler,
                                         const listen_options& options) noexcept {
  if (detaching()) return error(ECANCELED);
  return socket_listener::make(*this, where, handler, options);
}

stream& socket_backend::connect(const endpoint& where, stream_handler& handler) noexcept {
  return socket_stream::connect(*this, where, handler);
}

// Most loops handle no signal, and need no pipe for it.
error socket_backend::handle_signal(int signal_number, signal_handler& handler) noexcept {
  if (detaching()) return error(ECANCELED);
  if (signals_ == nullptr) signals_.reset(new (std::nothrow) socket_signals(*this));
  return signals_ != nullptr ? signals_->add(signal_number, handler) : error(ENOMEM);
}

void socket_backend::remove_signal(int signal_number) noexcept {
  if (signals_ != nullptr) signals_->remove(signal_number);
}

// Whoever is told may open something new: that is cancelled in the next round.
void socket_backend::close_all() noexcept {
  forget_detach();
  while (entries_ != nullptr) {
    const loop_core::callback_scope scope(core());
    socket_backend::cancel_all();
  }
  signals_.reset();
}

bool socket_backend::cancel_all() noexcept {
  signals_.reset();
  for (socket_entry* entry = entries_; entry != nullptr; entry = entry->next_) entry->cancel();
  return entries_ != nullptr;
}

}  // namespace drywire
