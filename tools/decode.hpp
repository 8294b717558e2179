// `drywire decode http1`: the bytes that one side of a connection sent in, events out. No loop, no
// socket, no time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace drywire::tools {

/// What the bytes are.
enum class messages : std::uint8_t { requests, responses };

/// Reads `in` to its end and writes to `out` the events of who receives it, one a line, as JSON if
/// wanted. Each request is taken as answered when it ends; each response is taken as one to a GET.
/// A peer error is told on `errors`, as "NAME:OFFSET: what (section)", with the count of the bytes
/// up to the one that broke it. Returns the exit status: 1 after a peer error. Throws failure when
/// reading fails.
[[nodiscard]] int decode_http1(std::FILE* in, const std::string& name, messages kind, bool json,
                               std::FILE* out, std::FILE* errors);

}  // namespace drywire::tools
