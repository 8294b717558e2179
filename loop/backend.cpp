#include <drywire/loop/backend.hpp>
#include <drywire/loop/socket.hpp>

namespace drywire {

// Some libraries send with write(2), which has no flag that would keep the signal away.
backend::backend(loop_host& host) : core_(host) { ignore_sigpipe(); }

}  // namespace drywire
