// Time as numbers. Nothing below adapters ever reads a clock: instants come in from outside.
//
// `std::chrono` durations convert both ways, by templates that name no std header, so that a file
// that only parses doesn't pay for <chrono>.
#pragma once

#include <compare>
#include <cstdint>

namespace drywire {

namespace detail {

template <class Duration>
concept chrono_duration = requires(const Duration d) {
  typename Duration::rep;
  typename Duration::period;
  d.count();
  Duration::period::num;
  Duration::period::den;
  requires typename Duration::rep(1) / typename Duration::rep(2) == typename Duration::rep(0);
};

// Saturates.
[[nodiscard]] constexpr std::int64_t times(std::int64_t count, std::int64_t factor) noexcept {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(count, factor, &product)) return product;
  return (count < 0) != (factor < 0) ? INT64_MIN : INT64_MAX;
}

}  // namespace detail

/// A signed length of time in nanoseconds; 292 years either way. Arithmetic saturates.
struct duration {
  std::int64_t nanoseconds = 0;

  constexpr duration() = default;
  constexpr explicit duration(std::int64_t ns) noexcept : nanoseconds(ns) {}

  /// From any std::chrono duration of integers. Saturates; truncates what is under a nanosecond.
  template <detail::chrono_duration Chrono>
  constexpr duration(Chrono d) noexcept  // NOLINT(google-explicit-constructor): it is a conversion
      : nanoseconds(from_ratio(d.count(), Chrono::period::num, Chrono::period::den)) {}

  /// To any std::chrono duration of integers; truncates towards zero. Saturates where the unit is
  /// less than a nanosecond.
  template <detail::chrono_duration Chrono>
  [[nodiscard]] constexpr Chrono to() const noexcept {
    constexpr auto num = Chrono::period::num;
    constexpr auto den = Chrono::period::den;
    if constexpr (den >= 1'000'000'000) {
      return Chrono(detail::times(nanoseconds, den / 1'000'000'000) / num);
    } else {
      return Chrono(nanoseconds / (1'000'000'000 / den) / num);
    }
  }

  [[nodiscard]] static constexpr duration max() noexcept { return duration(INT64_MAX); }

  friend constexpr auto operator<=>(duration, duration) = default;

 private:
  static constexpr std::int64_t from_ratio(std::int64_t count, std::int64_t num,
                                           std::int64_t den) noexcept {
    if (den > 1'000'000'000) return detail::times(count, num) / (den / 1'000'000'000);
    return detail::times(count, num * (1'000'000'000 / den));
  }
};

[[nodiscard]] constexpr duration nanoseconds(std::int64_t n) noexcept { return duration(n); }
[[nodiscard]] constexpr duration microseconds(std::int64_t n) noexcept {
  return duration(detail::times(n, 1'000));
}
[[nodiscard]] constexpr duration milliseconds(std::int64_t n) noexcept {
  return duration(detail::times(n, 1'000'000));
}
[[nodiscard]] constexpr duration seconds(std::int64_t n) noexcept {
  return duration(detail::times(n, 1'000'000'000));
}

/// A point on a steady clock whose zero means nothing; only differences do.
struct instant {
  std::int64_t nanoseconds = 0;

  /// Later than every instant: the deadline of what has none.
  [[nodiscard]] static constexpr instant never() noexcept { return {INT64_MAX}; }

  friend constexpr auto operator<=>(instant, instant) = default;

  /// Saturates at never() and at the lowest instant.
  friend constexpr instant operator+(instant t, duration d) noexcept {
    std::int64_t ns = 0;
    if (__builtin_add_overflow(t.nanoseconds, d.nanoseconds, &ns)) {
      return d.nanoseconds > 0 ? never() : instant{INT64_MIN};
    }
    return {ns};
  }

  /// From `b` to `a`. Saturates.
  friend constexpr duration operator-(instant a, instant b) noexcept {
    std::int64_t ns = 0;
    if (__builtin_sub_overflow(a.nanoseconds, b.nanoseconds, &ns)) {
      return a > b ? duration::max() : duration(INT64_MIN);
    }
    return duration(ns);
  }
};

/// Both clocks as a protocol sees them: the steady one for deadlines, the wall one for Date fields.
struct now {
  instant steady;
  std::int64_t unix_seconds = 0;
};

}  // namespace drywire
