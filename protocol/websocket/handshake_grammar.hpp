// What both sides of the opening handshake read of a head's fields.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace drywire::websocket {

using fields_view = std::span<const http1::field>;

/// Its value if there is exactly one field of that name.
[[nodiscard]] std::optional<std::string_view> only_value(fields_view fields,
                                                         std::string_view name) noexcept;
/// How many fields of that name there are.
[[nodiscard]] std::size_t count_fields(fields_view fields, std::string_view name) noexcept;
/// Whether a list, which may be in several fields, has the element, but for its case.
[[nodiscard]] bool lists(fields_view fields, std::string_view name,
                         std::string_view element) noexcept;
/// Whether there is no Sec-WebSocket-Extensions, or all of them together are what RFC 6455 9.1
/// says.
[[nodiscard]] bool extensions_well_formed(fields_view fields) noexcept;

/// Sec-WebSocket-Accept for a key, RFC 6455 4.2.2. Precondition: the key has 24 characters.
using accept_text = std::array<char, 28>;
[[nodiscard]] accept_text accept_for(std::string_view key) noexcept;

}  // namespace drywire::websocket
