// From the bytes of a head to its meaning: the rules that hold for a head as a whole.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace drywire::http1 {

/// Fills `head` from a complete head: `line` is its first line without CRLF, `fields` are its field
/// lines with the values trimmed. Checks what no single line shows: RFC 9112 3.2 and 6.3. The head
/// is a request's.
[[nodiscard]] std::optional<fault> complete_head(std::string_view line,
                                                 std::span<const field> fields,
                                                 request_head& head) noexcept;

/// What a request was, as far as its response hangs on it, RFC 9112 6.3.
enum class asked_with : std::uint8_t { any, head, connect };

/// The same for a response: `line` is its status line, `asked` the request that it answers.
[[nodiscard]] std::optional<fault> complete_head(std::string_view line,
                                                 std::span<const field> fields, asked_with asked,
                                                 response_head& head) noexcept;

}  // namespace drywire::http1
