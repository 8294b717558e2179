#include "socket_entry.hpp"
#include "socket_listener.hpp"
#include "socket_stream.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <cassert>

namespace drywire {

socket_backend::~socket_backend() { assert(entries_ == nullptr); }

result<listener*> socket_backend::listen(const endpoint& where, accept_handler& handler,
                                         const listen_options& options) noexcept {
  return socket_listener::make(*this, where, handler, options);
}

stream& socket_backend::connect(const endpoint& where, stream_handler& handler) noexcept {
  return socket_stream::connect(*this, where, handler);
}

// Whoever is told may open something new: that is cancelled in the next round.
void socket_backend::close_all() noexcept {
  while (entries_ != nullptr) {
    const loop_core::callback_scope scope(core());
    for (socket_entry* entry = entries_; entry != nullptr; entry = entry->next_) entry->cancel();
  }
}

}  // namespace drywire
