// Counts what the program allocates with operator new, so that a test can show that it doesn't, or
// how much.
#pragma once

#include <cstddef>

namespace drywire::tests {

/// Calls of operator new so far, by any thread.
[[nodiscard]] std::size_t allocations() noexcept;

/// Bytes that operator new has given and that weren't given back, as the allocator rounds them,
/// with the word that it keeps beside each piece.
[[nodiscard]] std::size_t allocated_bytes() noexcept;

/// From here on operator new has none left, or has again.
void end_memory(bool ended) noexcept;
/// It has none left behind that many calls.
void end_memory_after(std::size_t calls) noexcept;

}  // namespace drywire::tests
