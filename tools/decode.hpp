// `drywire decode http1`: the bytes that a client sent in, events out. No loop, no socket, no time.
#pragma once

#include <cstdio>
#include <string>

namespace drywire::tools {

/// Reads `in` to its end and writes the events of an HTTP/1.1 server to `out`, one a line, as JSON
/// if wanted. Each request is taken as answered when it ends. A peer error is told on `errors`, as
/// "NAME:OFFSET: what (section)", with the count of the bytes up to the one that broke it. Returns
/// the exit status: 1 after a peer error. Throws failure when reading fails.
[[nodiscard]] int decode_http1(std::FILE* in, const std::string& name, bool json, std::FILE* out,
                               std::FILE* errors);

}  // namespace drywire::tools
