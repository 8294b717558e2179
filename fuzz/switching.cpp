// A server of HTTP/1.1 that switches to a tunnel, driven in every way that a driver may.
#include "harness.hpp"
#include "switching_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::testkit::fuzz_connection<drywire::switching_subject>, data,
                           size);
}
