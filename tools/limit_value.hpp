// What is said of a limit, in words: numbers, sizes and times with their units.
#pragma once

#include <drywire/base/instant.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace drywire::tools {

/// A number, with KiB, MiB or GiB behind it if it is one of bytes; empty for what isn't, or is over
/// `most`.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text,
                                                       std::uint64_t most) noexcept;
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text,
                                                      std::uint64_t most) noexcept;
/// A number with ms, s, m or h behind it; empty for what isn't, or is too long.
[[nodiscard]] std::optional<duration> parse_time(std::string_view text) noexcept;

}  // namespace drywire::tools
