// What the line of a transfer says; drawing it is tested with the command.
#include "progress.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace drywire;
using drywire::tools::progress_meter;

namespace {

constexpr instant start{1'000'000'000};

}  // namespace

TEST_CASE("a meter says part, sizes, rate and what is left") {
  progress_meter meter;
  meter.begin(start, 0, 4 << 20);
  CHECK(meter.line(start, 80) == "  0% [----------------------------------------] 0 B of 4.0 MiB");
  meter.add(1 << 20);
  CHECK(meter.line(start + seconds(1), 80) ==
        " 25% [########------------------------] 1.0 MiB of 4.0 MiB  1.0 MiB/s  0:03 left");
  meter.add(3 << 20);
  CHECK(meter.line(start + seconds(2), 80) ==
        "100% [################################] 4.0 MiB of 4.0 MiB  2.0 MiB/s  0:00 left");
}

TEST_CASE("without a total it says size and rate") {
  progress_meter meter;
  meter.begin(start, 0, {});
  CHECK(meter.line(start, 80) == "0 B");
  meter.add(500);
  CHECK(meter.line(start + seconds(1), 80) == "500 B  500 B/s");
}

TEST_CASE("what was there before counts for the part, not for the rate") {
  progress_meter meter;
  meter.begin(start, 500, 1000);
  meter.add(100);
  CHECK(meter.line(start + seconds(1), 200).ends_with(" 600 B of 1.0 KiB  100 B/s  0:04 left"));
}

TEST_CASE("the rate is that of the last lines") {
  progress_meter meter;
  meter.begin(start, 0, 1'000'000);
  instant t = start;
  for (int i = 0; i < 40; ++i) {
    meter.add(i < 20 ? 10'000 : 100);
    t = t + seconds(1);
    static_cast<void>(meter.line(t, 80));
  }
  CHECK(meter.line(t, 80).find(" 100 B/s") != std::string::npos);
}

TEST_CASE("a narrow terminal has no bar, and no line is longer than it") {
  for (std::size_t columns = 0; columns < 100; ++columns) {
    progress_meter meter;
    meter.begin(start, 0, UINT64_MAX);
    meter.add(12'345'678'901'234);
    const std::string line = meter.line(start + milliseconds(1), columns);
    CHECK(line.size() <= columns);
    CHECK((line.find('[') == std::string::npos || columns > 50));
  }
}
