// Descriptors that come from elsewhere, as streams.
#pragma once

#include <drywire/loop/socket_calls.hpp>

namespace drywire {

/// What `fd` can do, made non-blocking and close-on-exec. `sockets` are the calls for one that is a
/// socket. Errors: see backend::adopt.
[[nodiscard]] result<adopted_stream> adopt_descriptor(int fd, stream_calls& sockets) noexcept;

}  // namespace drywire
