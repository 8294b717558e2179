// Lines, whole and cut.
#include "harness.hpp"
#include "line_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::testkit::fuzz_splits<drywire::line_subject>, data, size);
}
