// A server of WebSocket, its input whole and cut, with and without compression.
#include "harness.hpp"
#include "websocket_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace drywire;
  return fuzz_one(&fuzz_websocket<websocket::role::server, whole_and_cut>, data, size);
}
