// What a request costs when a server is written as callbacks and when it is written as a coroutine:
// the same handler, on a stream in memory. `./dev bench coroutine` counts its instructions.
//
//   bench_coroutine_cost callbacks|coroutine REQUESTS BATCH
#include "../tests/adapters/fake_stream.hpp"

#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/protocol/http1_server.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

using namespace drywire;

namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";

errc answer(http1::server& machine) {
  return machine.respond(200, {{"Content-Type", "text/plain"}}, text_bytes("Hello, World!"));
}

struct callbacks {
  callbacks(loop_core& core, stream& transport, storage& memory)
      : driver(core, transport, *this, driver_options{}, memory) {}

  void on_event(http1::server::event& event) noexcept {
    if (!std::holds_alternative<http1::request>(event)) return;
    if (answer(driver.call()) != errc::ok) std::abort();
  }
  void on_closed(error) noexcept {}

  drywire::driver<http1::server, callbacks> driver;
};

co::task<void> coroutine(loop_core& core, stream& transport, storage& memory) {
  co::connection<http1::server> c(core, co::transport(transport), {}, memory);
  while (auto event = co_await c.next_event()) {
    if (!std::holds_alternative<http1::request>(*event)) continue;
    if (answer(c.call()) != errc::ok) std::abort();
  }
}

// Lends from one block, as a loop does, and leaves it alone.
class memory_stream final : public tests::fake_stream {
 public:
  explicit memory_stream(loop_core& core) : fake_stream(core), core_(core) {}

  void lend(std::string_view text) {
    const loop_core::callback_scope scope(core_);
    if (!block_) block_ = core_.blocks().acquire();
    const mutable_bytes bytes = block_.memory().first(text.size());
    std::ranges::copy(text_bytes(text), bytes.begin());
    lent_buffer lent(block_, bytes);
    handler().on_data(*this, lent);
  }

 private:
  loop_core& core_;
  block block_;
};

void exchange(memory_stream& client, std::size_t requests, std::size_t batch) {
  std::string arriving;
  for (std::size_t i = 0; i < batch; ++i) arriving += request;
  for (std::size_t i = 0; i < requests; i += batch) {
    client.lend(arriving);
    if (client.written.find("Hello, World!") == std::string::npos) std::abort();
    client.written.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string_view how = argv[1];
  const auto requests = static_cast<std::size_t>(std::atoll(argv[2]));
  const auto batch = static_cast<std::size_t>(std::atoll(argv[3]));
  tests::fake_loop loop;
  pool_storage memory(http1::server::block_bytes, 100);
  memory_stream client(loop.core);
  client.written.reserve(1 << 20);
  if (how == "callbacks") {
    const callbacks server(loop.core, client, memory);
    exchange(client, requests, batch);
  } else {
    co::scope tasks(loop.core);
    tasks.spawn(coroutine(loop.core, client, memory));
    loop.core.turn();
    exchange(client, requests, batch);
  }
}
