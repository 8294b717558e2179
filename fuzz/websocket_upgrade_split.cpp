// Either side of an HTTP/1.1 that goes on as WebSocket: its input whole, cut, and read by two
// machines without switching.
#include "harness.hpp"
#include "switching_by_hand.hpp"
#include "websocket_upgrade_subject.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace drywire;
  return fuzz_one(&fuzz_upgrade<switching_splits>, data, size);
}
