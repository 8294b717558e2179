// A backend of one's own, small enough to read at once: plain poll(2) over all descriptors, anew
// for each wait. docs/writing-a-backend.md builds it step by step.
#pragma once

#include <drywire/loop/backend.hpp>

#include <memory>

namespace plain {

/// Null without descriptors or memory.
[[nodiscard]] std::unique_ptr<drywire::backend> make_plain();

}  // namespace plain
