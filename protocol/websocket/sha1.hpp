// SHA-1, FIPS 180-4 6.1. It is broken as a signature and serves none here: RFC 6455 1.3 uses it to
// show that a server has read the key of an opening handshake.
#pragma once

#include <drywire/base/bytes.hpp>

#include <array>
#include <cstddef>

namespace drywire::websocket {

using sha1_digest = std::array<std::byte, 20>;

[[nodiscard]] sha1_digest sha1(const_bytes message) noexcept;

}  // namespace drywire::websocket
