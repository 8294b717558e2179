#include "limit_value.hpp"

#include <charconv>
#include <span>
#include <system_error>

namespace drywire::tools {

namespace {

struct unit {
  std::string_view suffix;
  std::uint64_t factor;
};
constexpr unit counts[] = {{"", 1}};
constexpr unit sizes[] = {{"", 1}, {"KiB", 1U << 10}, {"MiB", 1U << 20}, {"GiB", 1U << 30}};
constexpr unit times[] = {
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};

// A number and one of the suffixes behind it; empty when it isn't, or over `most`.
std::optional<std::uint64_t> parse(std::string_view text, std::span<const unit> units,
                                   std::uint64_t most) noexcept {
  std::uint64_t number = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return {};
  const std::string_view suffix = text.substr(static_cast<std::size_t>(rest - text.data()));
  for (const unit& u : units) {
    std::uint64_t product = 0;
    if (suffix != u.suffix) continue;
    if (__builtin_mul_overflow(number, u.factor, &product) || product > most) return {};
    return product;
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text, std::uint64_t most) noexcept {
  return parse(text, counts, most);
}

std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t most) noexcept {
  return parse(text, sizes, most);
}

std::optional<duration> parse_time(std::string_view text) noexcept {
  const auto ns = parse(text, times, static_cast<std::uint64_t>(duration::max().nanoseconds));
  if (!ns) return {};
  return duration(static_cast<std::int64_t>(*ns));
}

}  // namespace drywire::tools
