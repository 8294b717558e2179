// A server of HTTP/1.1 that switches to a tunnel: its input whole, cut, and read without switching.
#include "harness.hpp"
#include "http1_server_subject.hpp"
#include "switching_by_hand.hpp"
#include "tunnel_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace drywire;
  return fuzz_one(&switching_splits<http1_server_subject, tunnel_subject>::run, data, size);
}
