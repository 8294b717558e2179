// Requests as our server reads them, and as the naive parser does (tests/support/naive_http1).
#include "compare.hpp"
#include "harness.hpp"

namespace {

// Decisions: bit 0 of the first is low limits, bit 1 a reset behind the bytes.
void compare(drywire::const_bytes bytes) {
  using namespace drywire;
  testkit::fuzz_input input(bytes);
  const std::uint8_t how = input.decisions.next();
  const auto limits = (how & 1U) != 0 ? naive::low_limits() : http1::limits();
  const auto verdict = naive::compare_requests(input.wire, limits, (how & 2U) == 0);
  if (!verdict.difference.empty()) throw testkit::law_broken(verdict.difference);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(compare, data, size);
}
