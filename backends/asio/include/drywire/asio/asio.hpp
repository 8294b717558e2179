// The loop named "asio": on an io_context of its own, or on one that the application runs.
//
// Which Asio it is, Boost's or the standalone one, was chosen when drywire was built; the target
// drywire::asio says it to whoever links it, by DRYWIRE_ASIO_BOOST or DRYWIRE_ASIO_STANDALONE.
#pragma once

#include <drywire/loop/backend.hpp>

#include <memory>

// Only named, so that a file which doesn't use Asio itself needn't compile it.
#ifdef DRYWIRE_ASIO_BOOST
namespace boost::asio {
class io_context;
}
namespace drywire {
using asio_io_context = boost::asio::io_context;
}
#else
namespace asio {
class io_context;
}
namespace drywire {
using asio_io_context = asio::io_context;
}
#endif

namespace drywire {

/// A loop with an io_context of its own, driven by run(). `failure`, if given, says why the result
/// is null: EMFILE, ENFILE or ENOMEM.
[[nodiscard]] std::unique_ptr<backend> make_asio(error* failure = nullptr);

/// A loop on the application's `context`, which the application runs, on one thread: run() answers
/// ENOTSUP. Streams, listeners, armed timers and handled signals are work for `context`, so its
/// run() goes on while there are any, paused streams too. `context` outlives the backend.
///
/// detach() is the clean way to leave: behind its `done`, which comes from a handler of `context`,
/// nothing of the backend is in there. The backend may also be destroyed at any time, from a
/// handler that isn't a callback of it; then handlers of operations that it cancelled, which do
/// nothing, have yet to run, or die with `context`.
[[nodiscard]] std::unique_ptr<backend> attach_asio(asio_io_context& context);

}  // namespace drywire
