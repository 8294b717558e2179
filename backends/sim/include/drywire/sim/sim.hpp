// The loop named "sim": on a host of a simulated network, in virtual time.
#pragma once

#include <drywire/loop/backend.hpp>
#include <drywire/sim/network.hpp>

#include <memory>

namespace drywire::sim {

/// A loop on `where`, whose network outlives it. run() and run_once() turn the other loops of the
/// network, too. run() with nothing left to happen in virtual time blocks until another thread
/// posts or stops. Signals aren't handled: ENOTSUP.
[[nodiscard]] std::unique_ptr<backend> make_sim(host& where);

/// The same, but its calls go through `calls`, which passes them on to `where`, or doesn't: for a
/// fault of one's own. `calls` outlives the loop.
[[nodiscard]] std::unique_ptr<backend> make_sim(host& where, socket_calls& calls);

}  // namespace drywire::sim
