#include "websocket_part.hpp"

#include <drywire/deflate/deflater.hpp>

namespace drywire {

websocket_resources::websocket_resources(const websocket_memory& memory, entropy* from) noexcept
    : blocks(websocket::connection::block_bytes, memory.blocks_max),
      deflate_blocks(deflate::deflate_block_bytes(), memory.deflate_blocks_max),
      keys(from),
      gathered_bytes_max(memory.gathered_bytes_max) {}

websocket_part::websocket_part(websocket_peer& peer) noexcept : peer_(peer) {}

websocket_part::~websocket_part() {
  peer_.lose_machine();
  peer_.release();
}

websocket::connection& websocket_part::machine() noexcept { return peer_.machine_; }
const websocket::connection& websocket_part::machine() const noexcept { return peer_.machine_; }

void websocket_part::consume_output(std::size_t n) noexcept {
  machine().consume_output(n);
  peer_.release_frames(peer_.left_ += n);
}

}  // namespace drywire
