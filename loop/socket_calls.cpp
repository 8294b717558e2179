#include "adopt_descriptor.hpp"
#include "system_datagrams.hpp"

#include <drywire/loop/socket_calls.hpp>

#include <cerrno>

namespace drywire {

socket_file socket_calls::file_of(const endpoint& /*where*/) noexcept { return {}; }
result<adopted_stream> socket_calls::adopt(int /*fd*/) noexcept { return error(ENOTSUP); }
result<descriptor> socket_calls::bind_datagram(const endpoint& /*where*/,
                                               const datagram_options& /*options*/) noexcept {
  return error(ENOTSUP);
}
result<received_datagram> socket_calls::receive_from(int /*fd*/, mutable_bytes /*into*/) noexcept {
  return error(ENOTSUP);
}
error socket_calls::send_to(int /*fd*/, std::span<const const_bytes> /*pieces*/,
                            const endpoint& /*to*/) noexcept {
  return error(ENOTSUP);
}
result<undelivered_datagram> socket_calls::next_undelivered(int /*fd*/) noexcept {
  return error(EAGAIN);
}
bool socket_calls::has_room(int /*fd*/) noexcept { return false; }

result<descriptor> system_sockets::listen(const endpoint& where,
                                          const listen_options& options) noexcept {
  return listen_socket(where, options);
}
result<descriptor> system_sockets::connect(const endpoint& where) noexcept {
  return connect_socket(where);
}
result<accepted_socket> system_sockets::accept(int fd) noexcept { return accept_socket(fd); }
bool system_sockets::peer_waits(int fd) noexcept { return drywire::peer_waits(fd); }
std::size_t system_sockets::shed(int fd, std::size_t peers_max) noexcept {
  return spare_.shed(fd, peers_max);
}
result<std::size_t> system_sockets::receive(int fd, mutable_bytes into) noexcept {
  return drywire::receive(fd, into);
}
result<std::size_t> system_sockets::send(int fd, std::span<const const_bytes> pieces) noexcept {
  return drywire::send(fd, pieces);
}
error system_sockets::pending_error(int fd) noexcept { return drywire::pending_error(fd); }
bool system_sockets::shut_down_sending(int fd) noexcept { return drywire::shut_down_sending(fd); }
std::size_t system_sockets::unacknowledged(int fd) noexcept { return drywire::unacknowledged(fd); }
void system_sockets::reset_on_close(int fd) noexcept { drywire::reset_on_close(fd); }
endpoint system_sockets::local(int fd) noexcept { return local_endpoint(fd); }
socket_file system_sockets::file_of(const endpoint& where) noexcept { return socket_file(where); }
result<adopted_stream> system_sockets::adopt(int fd) noexcept {
  return adopt_descriptor(fd, *this);
}
result<descriptor> system_sockets::bind_datagram(const endpoint& where,
                                                 const datagram_options& options) noexcept {
  return bind_datagram_socket(where, options);
}
result<received_datagram> system_sockets::receive_from(int fd, mutable_bytes into) noexcept {
  return receive_datagram(fd, into);
}
error system_sockets::send_to(int fd, std::span<const const_bytes> pieces,
                              const endpoint& to) noexcept {
  return send_datagram(fd, pieces, to);
}
result<undelivered_datagram> system_sockets::next_undelivered(int fd) noexcept {
  return read_error_queue(fd);
}
bool system_sockets::has_room(int fd) noexcept { return has_room_to_send(fd); }
void system_sockets::close(int fd) noexcept { descriptor(fd).close(); }

}  // namespace drywire
