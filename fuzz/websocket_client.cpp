// A client of WebSocket, driven in every way that a driver may, with and without compression.
#include "harness.hpp"
#include "websocket_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace drywire;
  return fuzz_one(&fuzz_websocket<websocket::role::client, whole_connection>, data, size);
}
