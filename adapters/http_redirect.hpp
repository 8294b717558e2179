// Which responses send a request elsewhere, RFC 9110 15.4, and which requests may be repeated.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <string_view>

namespace drywire {

/// One of 301, 302, 303, 307, 308, with a Location.
[[nodiscard]] bool is_redirect(const http1::response_head& head) noexcept;

/// RFC 9110 9.2.2.
[[nodiscard]] bool is_idempotent(std::string_view method) noexcept;

}  // namespace drywire
