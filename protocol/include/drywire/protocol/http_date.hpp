// HTTP-date, RFC 9110 5.6.7, from and to seconds since 1970. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace drywire::http {

inline constexpr std::size_t date_bytes = 29;

/// An IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", the only form that is sent. Years 1970 to 9999;
/// seconds outside of them are taken for the nearest inside.
void write_date(std::int64_t unix_seconds, std::span<char, date_bytes> to) noexcept;

/// Any of the three forms: IMF-fixdate, "Sunday, 06-Nov-94 08:49:37 GMT" and
/// "Sun Nov  6 08:49:37 1994". Empty for what is none of them, or no day of the calendar. Whether
/// the weekday is that day's isn't looked at; a leap second is taken for the next one.
/// `now_unix_seconds` gives a year of two digits its century: of the dates up to 50 years ahead,
/// the latest.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text,
                                                     std::int64_t now_unix_seconds) noexcept;

}  // namespace drywire::http
