// What a WebSocket message costs without a system around it: an echo by the driver, on a stream in
// memory. `./dev bench ws-cost` counts its instructions.
//
//   bench_ws_cost BYTES MESSAGES BATCH
#include "../tests/adapters/fake_stream.hpp"

#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/websocket/connection.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <variant>

using namespace drywire;

namespace {

struct echo {
  echo(loop_core& core, stream& transport, storage& memory)
      : driver(core, transport, *this, driver_options{}, websocket::role::server, memory) {}

  void on_event(websocket::event& event) noexcept {
    const auto* piece = std::get_if<websocket::message>(&event);
    if (piece == nullptr || !piece->first || !piece->last) std::abort();
    if (driver.call().send(piece->kind, piece->bytes, lifetime::lent) != errc::ok) std::abort();
  }
  void on_closed(error) noexcept {}

  drywire::driver<websocket::connection, echo> driver;
};

// Lends from one block, as a loop does.
class memory_stream final : public tests::fake_stream {
 public:
  explicit memory_stream(loop_core& core) : fake_stream(core), core_(core) {}

  void lend(const_bytes frames) {
    const loop_core::callback_scope scope(core_);
    if (!block_) block_ = core_.blocks().acquire();
    const mutable_bytes bytes = block_.memory().first(frames.size());
    std::ranges::copy(frames, bytes.begin());
    lent_buffer lent(block_, bytes);
    handler().on_data(*this, lent);
  }

 private:
  loop_core& core_;
  block block_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto size = static_cast<std::size_t>(std::atoll(argv[1]));
  const auto messages = static_cast<std::size_t>(std::atoll(argv[2]));
  const auto batch = static_cast<std::size_t>(std::atoll(argv[3]));
  websocket::frame_header header;
  header.opcode = websocket::opcode::binary;
  header.masked = true;
  header.key = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
  header.length = size;
  std::string frame(websocket::header_bytes(header) + size, 'x'), frames;
  websocket::write_header(header, {reinterpret_cast<std::byte*>(frame.data()), frame.size()});
  for (std::size_t i = 0; i < batch; ++i) frames += frame;

  tests::fake_loop loop;
  pool_storage memory(websocket::connection::block_bytes, 100);
  memory_stream client(loop.core);
  client.written.reserve(1 << 20);
  const echo server(loop.core, client, memory);
  for (std::size_t i = 0; i < messages; i += batch) {
    client.lend(text_bytes(frames));
    if (client.written.size() != frames.size() - 4 * batch) std::abort();
    client.written.clear();
  }
}
