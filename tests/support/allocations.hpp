// Counts what the program allocates with operator new, so that a test can show that it doesn't.
#pragma once

#include <cstddef>

namespace drywire::tests {

/// Calls of operator new so far, by any thread.
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace drywire::tests
