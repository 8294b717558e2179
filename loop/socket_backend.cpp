#include "socket_datagram.hpp"
#include "socket_entry.hpp"
#include "socket_listener.hpp"
#include "socket_signals.hpp"
#include "socket_stream.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <cassert>
#include <cerrno>
#include <new>

namespace drywire {

capability system_capabilities() noexcept {
  const capability everywhere = capability::ipv6 | capability::reuse_port | capability::signals |
                                capability::native_handles | capability::real_time |
                                capability::parallel | capability::unix_sockets |
                                capability::adopt | capability::datagrams;
#ifdef __linux__
  return everywhere | capability::abstract_names;
#else
  return everywhere;
#endif
}

socket_backend::socket_backend(loop_host& host, socket_calls& sockets)
    : backend(host), sockets_(sockets) {}

socket_backend::~socket_backend() { assert(entries_ == nullptr && signals_ == nullptr); }

result<listener*> socket_backend::listen(const endpoint& where, accept_handler& handler,
                                         const listen_options& options) noexcept {
  if (detaching()) return error(ECANCELED);
  if (lacks(where) || (options.reuse_port && !can_share(where))) return error(ENOTSUP);
  return socket_listener::make(*this, where, handler, options);
}

stream& socket_backend::connect(const endpoint& where, stream_handler& handler) noexcept {
  return socket_stream::connect(*this, where, handler);
}

result<stream*> socket_backend::adopt(int fd, stream_handler& handler) noexcept {
  if (detaching()) return error(ECANCELED);
  if (!has(capabilities(), capability::adopt)) return error(ENOTSUP);
  const result<adopted_stream> what = sockets_.adopt(fd);
  return what ? socket_stream::adopt(*this, fd, *what, handler) : what.error();
}

result<datagram_socket*> socket_backend::bind_datagram(const endpoint& where,
                                                       datagram_handler& handler,
                                                       const datagram_options& options) noexcept {
  if (detaching()) return error(ECANCELED);
  if (!has(capabilities(), capability::datagrams)) return error(ENOTSUP);
  if (lacks(where) || (options.reuse_port && !can_share(where))) return error(ENOTSUP);
  return socket_datagram::make(*this, where, handler, options);
}

bool socket_backend::can_share(const endpoint& where) const noexcept {
  return has(capabilities(), capability::reuse_port) && !where.is_unix();
}

bool socket_backend::lacks(const endpoint& where) const noexcept {
  capability needed = capability::none;
  if (where.is_v6()) needed = capability::ipv6;
  if (where.is_unix()) needed = capability::unix_sockets;
  if (where.is_abstract()) needed = needed | capability::abstract_names;
  return !has(capabilities(), needed);
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
