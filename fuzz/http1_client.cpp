// A client of HTTP/1.1, driven in every way that a driver may.
#include "harness.hpp"
#include "http1_client_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::testkit::fuzz_connection<drywire::http1_client_subject>, data,
                           size);
}
