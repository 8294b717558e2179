#include "http1_grammar.hpp"

#include <drywire/protocol/http_ranges.hpp>

#include <algorithm>
#include <cstring>

namespace drywire::http {

namespace {

using http1::grammar::behind;
using http1::grammar::first;
using kind = range_selection::kind;

// 1*DIGIT; a number over 64 bits is as good as the largest.
std::optional<std::uint64_t> parse_position(std::string_view digits) noexcept {
  if (digits.empty()) return {};
  std::uint64_t number = 0;
  bool over = false;
  for (const char c : digits) {
    if (c < '0' || c > '9') return {};
    over = __builtin_mul_overflow(number, 10U, &number) || over;
    over = __builtin_add_overflow(number, static_cast<std::uint64_t>(c - '0'), &number) || over;
  }
  return over ? UINT64_MAX : number;
}

enum class spec : std::uint8_t { malformed, has_no_byte, has_bytes, all_of_nothing };

// range-spec, RFC 9110 14.1.1: int-range or suffix-range.
spec parse_spec(std::string_view text, std::uint64_t size, byte_range& out) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return spec::malformed;
  const std::string_view left = first(text, dash);
  const std::string_view right = behind(text, dash + 1);
  const auto last = parse_position(right);
  if (left.empty()) {
    if (!last) return spec::malformed;
    if (*last == 0) return spec::has_no_byte;
    if (size == 0) return spec::all_of_nothing;
    out = {size - std::min(size, *last), size - 1};
    return spec::has_bytes;
  }
  const auto begin = parse_position(left);
  if (!begin || (!last && !right.empty()) || (last && *last < *begin)) return spec::malformed;
  if (*begin >= size) return spec::has_no_byte;
  out = {*begin, std::min(last.value_or(UINT64_MAX), size - 1)};
  return spec::has_bytes;
}

bool near(const byte_range& a, const byte_range& b) noexcept {
  if (a.first > b.last) return a.first - b.last - 1 < range_gap_bytes;
  if (b.first > a.last) return b.first - a.last - 1 < range_gap_bytes;
  return true;
}

// The ranges so far, none near another.
class coalesced {
 public:
  explicit coalesced(std::span<byte_range> into) noexcept : into_(into) {}

  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  // What the range is near to becomes a part of it; it takes the foremost place of these.
  void add(byte_range next) noexcept {
    std::size_t place = count_;
    for (std::size_t i = 0; i < count_;) {
      if (!near(into_[i], next)) {
        ++i;
        continue;
      }
      next = {std::min(into_[i].first, next.first), std::max(into_[i].last, next.last)};
      place = std::min(place, i);
      std::copy(into_.begin() + offset(i + 1), into_.begin() + offset(count_),
                into_.begin() + offset(i));
      --count_;
      i = 0;
    }
    std::copy_backward(into_.begin() + offset(place), into_.begin() + offset(count_),
                       into_.begin() + offset(count_ + 1));
    into_[place] = next;
    ++count_;
  }

 private:
  static std::ptrdiff_t offset(std::size_t n) noexcept { return static_cast<std::ptrdiff_t>(n); }

  std::span<byte_range> into_;
  std::size_t count_ = 0;
};

// ranges-specifier, RFC 9110 14.1.1: what is behind "bytes="; nothing if that isn't in front.
std::string_view byte_range_set(std::string_view value) noexcept {
  const std::size_t equals = value.find('=');
  if (equals == value.npos || !http1::equal_ignoring_case(first(value, equals), "bytes")) return {};
  return behind(value, equals + 1);
}

}  // namespace

range_selection parse_ranges(std::string_view value, std::uint64_t size,
                             std::span<byte_range> into) noexcept {
  std::string_view set = byte_range_set(value);
  coalesced ranges(into);
  std::size_t asked = 0;
  while (true) {
    const std::string_view text = http1::grammar::take_list_element(set);
    if (text.empty()) break;
    if (++asked > into.size()) return {};
    byte_range range{};
    switch (parse_spec(text, size, range)) {
      case spec::malformed:
      case spec::all_of_nothing: return {};
      case spec::has_no_byte: break;
      case spec::has_bytes: ranges.add(range); break;
    }
  }
  if (asked == 0) return {};
  if (ranges.count() == 0) return {kind::unsatisfiable, 0};
  return {kind::partial, ranges.count()};
}

range_selection select_ranges(std::string_view method, field_list fields, const validators& current,
                              std::int64_t now_unix_seconds, std::uint64_t size,
                              std::span<byte_range> into) noexcept {
  if (method != "GET") return {};
  const field* range = nullptr;
  for (const field& f : fields) {
    if (!http1::equal_ignoring_case(f.name, "Range")) continue;
    if (range != nullptr) return {};
    range = &f;
  }
  if (range == nullptr || !range_applies(fields, current, now_unix_seconds)) return {};
  return parse_ranges(range->value, size, into);
}

content_range::content_range(const byte_range& part, std::uint64_t size) noexcept {
  add("bytes ");
  add(part.first);
  add("-");
  add(part.last);
  add("/");
  add(size);
}

content_range::content_range(std::uint64_t size) noexcept {
  add("bytes */");
  add(size);
}

void content_range::add(std::string_view text) noexcept {
  std::memcpy(text_ + size_, text.data(), text.size());
  size_ += text.size();
}

void content_range::add(std::uint64_t number) noexcept {
  char digits[20];
  std::size_t n = 0;
  do {
    digits[sizeof(digits) - ++n] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  add({digits + sizeof(digits) - n, n});
}

}  // namespace drywire::http
