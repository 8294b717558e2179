// Lines, driven in every way that a driver may.
#include "harness.hpp"
#include "line_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::testkit::fuzz_connection<drywire::line_subject>, data, size);
}
