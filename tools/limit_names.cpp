#include "limit_names.hpp"

#include "failure.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <variant>

namespace drywire::tools {

namespace {

using member = std::variant<std::uint32_t http1::limits::*, std::uint64_t http1::limits::*,
                            duration http1::limits::*, std::size_t http_server_options::*,
                            std::size_t site_options::*>;

struct row {
  std::string_view name;
  member what;
};

constexpr row rows[] = {
    {"head-bytes", &http1::limits::head_bytes_max},
    {"start-line-bytes", &http1::limits::start_line_bytes_max},
    {"fields", &http1::limits::fields_max},
    {"chunk-overhead-bytes", &http1::limits::chunk_overhead_bytes_max},
    {"trailer-bytes", &http1::limits::trailer_bytes_max},
    {"empty-lines", &http1::limits::empty_lines_max},
    {"body-bytes", &http1::limits::body_bytes_max},
    {"discard-bytes", &http1::limits::discard_bytes_max},
    {"linger-bytes", &http1::limits::linger_bytes_max},
    {"output-bytes", &http1::limits::output_bytes_max},
    {"output-low-bytes", &http1::limits::output_low_bytes},
    {"head-timeout", &http1::limits::head_timeout},
    {"idle-timeout", &http1::limits::idle_timeout},
    {"body-timeout", &http1::limits::body_timeout},
    {"write-timeout", &http1::limits::write_timeout},
    {"linger-timeout", &http1::limits::linger_timeout},
    {"connections", &http_server_options::connections_max},
    {"blocks", &http_server_options::blocks_max},
    {"ranges", &site_options::ranges_max},
    {"listing-entries", &site_options::listing_entries_max},
};

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

struct setter {
  http_server_options& options;
  site_options& site;
  std::string_view name;
  std::string_view value;
  const std::string& where;

  template <std::unsigned_integral Number>
  void operator()(Number http1::limits::*what) const {
    options.limits.*what = number<Number>();
  }
  void operator()(std::size_t http_server_options::*what) const {
    options.*what = number<std::size_t>();
  }
  void operator()(std::size_t site_options::*what) const { site.*what = number<std::size_t>(); }
  void operator()(duration http1::limits::*what) const {
    const auto time = parse_time(value);
    if (!time) throw wrong("a time such as 500ms, 10s or 2m");
    options.limits.*what = *time;
  }

  template <class Number>
  [[nodiscard]] Number number() const {
    const bool bytes = name.ends_with("-bytes");
    const std::span<const unit> units = bytes ? std::span<const unit>(sizes) : counts;
    const auto n = parse(value, units, std::numeric_limits<Number>::max());
    if (!n) throw wrong(bytes ? "a size such as 8192 or 16KiB, in its range" : "a number");
    return static_cast<Number>(*n);
  }

  [[nodiscard]] failure wrong(std::string_view wanted) const {
    return failure(where + ": " + std::string(name) + " is '" + std::string(value) + "', not " +
                   std::string(wanted));
  }
};

}  // namespace

std::vector<std::string_view> limit_names() {
  std::vector<std::string_view> names;
  for (const row& r : rows) names.push_back(r.name);
  return names;
}

named_members count_named_members() noexcept {
  named_members count;
  for (const row& r : rows) {
    if (std::holds_alternative<std::size_t http_server_options::*>(r.what)) {
      ++count.of_server;
    } else if (!std::holds_alternative<std::size_t site_options::*>(r.what)) {
      ++count.of_connection;
    }
  }
  return count;
}

std::optional<duration> parse_time(std::string_view text) noexcept {
  const auto ns = parse(text, times, static_cast<std::uint64_t>(duration::max().nanoseconds));
  if (!ns) return {};
  return duration(static_cast<std::int64_t>(*ns));
}

void set_limit(http_server_options& server, site_options& site, std::string_view name,
               std::string_view value, const std::string& where) {
  for (const row& r : rows) {
    if (r.name == name) return std::visit(setter{server, site, name, value, where}, r.what);
  }
  std::string all;
  for (const row& r : rows) all += (all.empty() ? "" : ", ") + std::string(r.name);
  throw failure(where + ": no limit '" + std::string(name) + "' (" + all + ")");
}

}  // namespace drywire::tools
