// Giving a socket its address.
#pragma once

#include <drywire/loop/endpoint.hpp>
#include <drywire/loop/error.hpp>

namespace drywire {

/// bind(), which replaces a socket file that nobody has open any more. One that is in use, or is no
/// socket at all, says EADDRINUSE.
[[nodiscard]] error bind_socket(int fd, const endpoint& where) noexcept;

}  // namespace drywire
