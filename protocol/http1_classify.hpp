// From the parser's refusal to the fault's name. llhttp says roughly what it didn't like; the bytes
// say which rule was broken.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <llhttp.h>

#include <string_view>

namespace drywire::http1 {

/// `text` is the head so far, up to and with the byte that was refused, and maybe one more.
[[nodiscard]] fault fault_in_head(std::string_view text, const llhttp_t& parser) noexcept;
/// The same for a response's.
[[nodiscard]] fault fault_in_response_head(std::string_view text, const llhttp_t& parser) noexcept;
/// `text` begins with a line by PRI: the preface of HTTP/2, a version that isn't spoken here, or no
/// method at all.
[[nodiscard]] fault fault_in_preface(std::string_view text) noexcept;
/// In a chunk's size line, or behind its data.
[[nodiscard]] fault fault_in_chunk(const llhttp_t& parser) noexcept;
/// `text` is the trailers so far, in the same way.
[[nodiscard]] fault fault_in_trailers(std::string_view text, const llhttp_t& parser) noexcept;

}  // namespace drywire::http1
