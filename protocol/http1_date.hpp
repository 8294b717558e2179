// IMF-fixdate, RFC 9110 5.6.7, from seconds: "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace drywire::http1 {

inline constexpr std::size_t date_bytes = 29;

/// Years 1970 to 9999; seconds outside of them are taken for the nearest inside.
void write_date(std::int64_t unix_seconds, std::span<char, date_bytes> to) noexcept;

}  // namespace drywire::http1
