// Base64 as it is written, with padding: RFC 4648 4.
#pragma once

#include <drywire/base/bytes.hpp>

#include <cstddef>
#include <string_view>

namespace drywire::websocket {

/// Characters that n bytes take.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t n) noexcept { return (n + 2) / 3 * 4; }

/// Writes base64_size(bytes.size()) characters. Precondition: `to` has room for them.
void write_base64(const_bytes bytes, char* to) noexcept;

/// Whether the text is base64 of exactly n bytes. Bits that are left over in the last character
/// may be anything, RFC 4648 3.5: some clients draw the characters of a key, not its bytes.
[[nodiscard]] bool is_base64_of(std::size_t n, std::string_view text) noexcept;

}  // namespace drywire::websocket
