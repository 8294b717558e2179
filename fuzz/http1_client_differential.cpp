// Responses as our client reads them, and as the naive parser does (tests/support/naive_http1).
#include "compare.hpp"
#include "harness.hpp"

#include <string>
#include <vector>

namespace {

// Decisions: bit 0 of the first is low limits, bit 1 a reset behind the bytes; then a GET, HEAD,
// GET with Upgrade or CONNECT for each of three requests.
void compare(drywire::const_bytes bytes) {
  using namespace drywire;
  testkit::fuzz_input input(bytes);
  const std::uint8_t how = input.decisions.next();
  const auto limits = (how & 1U) != 0 ? naive::low_client_limits() : http1::client_limits();
  static const std::string methods[] = {"GET", "HEAD", "UPGRADE", "CONNECT"};
  std::vector<std::string> requests;
  for (int i = 0; i < 3; ++i) requests.push_back(methods[input.decisions.below(4)]);
  const auto verdict = naive::compare_responses(input.wire, requests, limits, (how & 2U) == 0);
  if (!verdict.difference.empty()) throw testkit::law_broken(verdict.difference);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(compare, data, size);
}
