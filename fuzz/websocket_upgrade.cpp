// Either side of an HTTP/1.1 that goes on as WebSocket, driven in every way that a driver may.
#include "harness.hpp"
#include "websocket_upgrade_subject.hpp"

namespace drywire {

template <class First, class Second>
struct whole_switching {
  static void run(const_bytes bytes) {
    testkit::fuzz_connection<switching_subject<First, Second>>(bytes);
  }
};

}  // namespace drywire

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace drywire;
  return fuzz_one(&fuzz_upgrade<whole_switching>, data, size);
}
