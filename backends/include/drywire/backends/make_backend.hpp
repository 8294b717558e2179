// Loops by name: for a flag, an environment variable or a line of a configuration file.
#pragma once

#include <drywire/loop/backend.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace drywire {

/// The loops in this build, the one to prefer first: native, asio, uv. Asio and libuv are in it
/// when they were found where it was built.
[[nodiscard]] std::span<const std::string_view> backend_names() noexcept;

/// A loop of the library's own making, driven by run(). Null when there is none: `failure`, if
/// given, says why, EINVAL for a name that isn't one of backend_names().
[[nodiscard]] std::unique_ptr<backend> make_backend(std::string_view name,
                                                    error* failure = nullptr);

}  // namespace drywire
