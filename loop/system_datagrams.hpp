// Calls on the operating system's datagram sockets.
#pragma once

#include <drywire/loop/datagram.hpp>
#include <drywire/loop/socket_calls.hpp>

namespace drywire {

[[nodiscard]] result<descriptor> bind_datagram_socket(const endpoint& where,
                                                      const datagram_options& options) noexcept;
[[nodiscard]] result<received_datagram> receive_datagram(int fd, mutable_bytes into) noexcept;
[[nodiscard]] error send_datagram(int fd, std::span<const const_bytes> pieces,
                                  const endpoint& to) noexcept;
[[nodiscard]] result<undelivered_datagram> read_error_queue(int fd) noexcept;
[[nodiscard]] bool has_room_to_send(int fd) noexcept;

}  // namespace drywire
