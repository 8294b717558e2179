#include "adopt_descriptor.hpp"

#include <drywire/loop/socket_calls.hpp>

#include <cerrno>

namespace drywire {

socket_file socket_calls::file_of(const endpoint& /*where*/) noexcept { return {}; }
result<adopted_stream> socket_calls::adopt(int /*fd*/) noexcept { return error(ENOTSUP); }

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
void system_sockets::close(int fd) noexcept { descriptor(fd).close(); }

}  // namespace drywire
