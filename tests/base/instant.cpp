#include <drywire/base/instant.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <limits>

using namespace drywire;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
using days = std::chrono::duration<int, std::ratio<86400>>;
using picoseconds = std::chrono::duration<std::int64_t, std::pico>;

}  // namespace

TEST_CASE("units are nanoseconds, and too many of them saturate") {
  CHECK(seconds(3) == milliseconds(3000));
  CHECK(milliseconds(3) == microseconds(3000));
  CHECK(microseconds(3) == nanoseconds(3000));
  CHECK(seconds(most) == duration::max());
  CHECK(milliseconds(least).nanoseconds == least);
  CHECK(microseconds(most / 2) == duration::max());
}

TEST_CASE("an instant saturates at both ends") {
  constexpr instant start{100};
  CHECK(start + nanoseconds(5) == instant{105});
  CHECK(start + nanoseconds(-200) == instant{-100});
  CHECK(start + duration::max() == instant::never());
  CHECK(instant::never() + seconds(1) == instant::never());
  CHECK(instant{least} + seconds(-1) == instant{least});
  CHECK(instant::never() + duration::max() == instant::never());
}

TEST_CASE("a difference of instants saturates at both ends") {
  CHECK(instant{105} - instant{100} == nanoseconds(5));
  CHECK(instant{100} - instant{105} == nanoseconds(-5));
  CHECK(instant::never() - instant{-1} == duration::max());
  CHECK((instant{least} - instant{1}).nanoseconds == least);
}

TEST_CASE("never is later than everything") {
  CHECK(instant{} < instant::never());
  CHECK(instant{most - 1} < instant::never());
  CHECK(instant{least} < instant{});
}

TEST_CASE("std::chrono durations come in") {
  CHECK(duration(1500ms) == milliseconds(1500));
  CHECK(duration(2h) == seconds(7200));
  CHECK(duration(days(-2)) == seconds(-172800));
  CHECK(duration(picoseconds(2999)) == nanoseconds(2));
  CHECK(duration(picoseconds(-2999)) == nanoseconds(-2));
  CHECK(duration(std::chrono::hours::max()) == duration::max());
  CHECK(duration(std::chrono::hours::min()).nanoseconds == least);
  const duration implied = 5s;
  CHECK(implied == seconds(5));
}

TEST_CASE("std::chrono durations go out, truncated towards zero") {
  CHECK(milliseconds(1999).to<std::chrono::seconds>() == 1s);
  CHECK(milliseconds(-1999).to<std::chrono::seconds>() == -1s);
  CHECK(seconds(90000).to<days>() == days(1));
  CHECK(nanoseconds(7).to<picoseconds>() == picoseconds(7000));
  CHECK(duration::max().to<picoseconds>() == picoseconds::max());
}

TEST_CASE("a round trip through std::chrono is exact") {
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
                                std::int64_t{1'234'567'890'123}, most, least}) {
    CHECK(duration(nanoseconds(ns).to<std::chrono::nanoseconds>()).nanoseconds == ns);
  }
}

TEST_CASE("durations of floating point don't convert by accident") {
  STATIC_CHECK(!std::is_convertible_v<std::chrono::duration<double>, duration>);
  STATIC_CHECK(!std::is_constructible_v<duration, std::chrono::duration<float, std::milli>>);
  STATIC_CHECK(std::is_convertible_v<std::chrono::milliseconds, duration>);
  STATIC_CHECK(!std::is_convertible_v<std::int64_t, duration>);
}
