// Byte ranges, RFC 9110 14. Pure functions.
#pragma once

#include <drywire/protocol/http_conditions.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace drywire::http {

/// Both positions belong to it.
struct byte_range {
  std::uint64_t first;
  std::uint64_t last;

  [[nodiscard]] constexpr std::uint64_t size() const noexcept { return last - first + 1; }
  friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// Ranges that overlap, or are less apart than this, become one: about what a part of its own
/// costs, RFC 9110 15.3.7.2. So the ranges of a reply never sum up to more than the representation.
inline constexpr std::uint64_t range_gap_bytes = 80;

struct range_selection {
  enum class kind : std::uint8_t {
    whole,          ///< 200: there is no Range, or none that is obeyed
    partial,        ///< 206: `count` ranges
    unsatisfiable,  ///< 416: none of them has a byte
  };
  kind what = kind::whole;
  std::size_t count = 0;
};

/// The ranges that a Range field's value asks for of a representation of `size` bytes, written to
/// the front of `into` in the order asked, coalesced. Ignored, and so whole, are other units, what
/// isn't a ranges-specifier, more ranges than `into` has room for, and a suffix of nothing: it
/// could be satisfied, but by no Content-Range.
[[nodiscard]] range_selection parse_ranges(std::string_view value, std::uint64_t size,
                                           std::span<byte_range> into) noexcept;

/// Step 5 of RFC 9110 13.2.2, behind evaluate_conditions(): only GET has ranges, and only one Range
/// field that If-Range lets apply.
[[nodiscard]] range_selection select_ranges(std::string_view method, field_list fields,
                                            const validators& current,
                                            std::int64_t now_unix_seconds, std::uint64_t size,
                                            std::span<byte_range> into) noexcept;

/// The value of a Content-Range field, RFC 9110 14.4.
class content_range {
 public:
  /// "bytes 0-4/10"
  content_range(const byte_range& part, std::uint64_t size) noexcept;
  /// "bytes */10", for a 416.
  explicit content_range(std::uint64_t size) noexcept;

  /// As long as this lives.
  [[nodiscard]] std::string_view text() const noexcept { return {text_, size_}; }

 private:
  void add(std::string_view text) noexcept;
  void add(std::uint64_t number) noexcept;

  char text_[68];  // three numbers of 20 digits, and 8 characters between
  std::size_t size_ = 0;
};

}  // namespace drywire::http
