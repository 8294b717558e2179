// The native loop: sockets of the operating system on `poll`, nothing else needed.
#pragma once

#include <drywire/loop/backend.hpp>

#include <memory>

namespace drywire {

/// The loop named "native". `failure`, if given, says why when the result is null: EMFILE, ENFILE
/// or ENOMEM.
[[nodiscard]] std::unique_ptr<backend> make_native(error* failure = nullptr);

}  // namespace drywire
