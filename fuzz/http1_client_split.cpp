// A client of HTTP/1.1, its input whole and cut.
#include "harness.hpp"
#include "http1_client_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::testkit::fuzz_splits<drywire::http1_client_subject>, data,
                           size);
}
