// A server of HTTP/1.1 that switches to a tunnel, driven in every way that a driver may.
#include "harness.hpp"
#include "http1_server_subject.hpp"
#include "switching_subject.hpp"
#include "tunnel_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace drywire;
  using subject = switching_subject<http1_server_subject, tunnel_subject>;
  return fuzz_one(&testkit::fuzz_connection<subject>, data, size);
}
