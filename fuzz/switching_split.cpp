// A server of HTTP/1.1 that switches to a tunnel, its input whole and cut.
#include "harness.hpp"
#include "switching_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::testkit::fuzz_splits<drywire::switching_subject>, data, size);
}
