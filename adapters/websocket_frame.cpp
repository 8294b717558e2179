#include "websocket_frame.hpp"

#include <drywire/deflate/deflater.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace drywire {

websocket_frame* websocket_frame::make(websocket::kind what, const_bytes bytes) noexcept {
  const std::size_t room = websocket::prepared_bytes(bytes.size());
  void* const memory = ::operator new(sizeof(websocket_frame) + room, std::nothrow);
  if (memory == nullptr) return nullptr;
  std::byte* const behind = static_cast<std::byte*>(memory) + sizeof(websocket_frame);
  return ::new (memory) websocket_frame(what, bytes, {behind, room});
}

void websocket_frame::compress(storage& memory, int window_bits) noexcept {
  if (std::exchange(compression_tried_, true)) return;
  if (message_bytes_ < websocket::compression{}.message_bytes_min) return;
  const std::size_t room = websocket::prepared_bytes(message_bytes_);
  const std::unique_ptr<std::byte[]> all(new (std::nothrow) std::byte[room]);
  if (all == nullptr) return;
  deflate::deflater with(memory, window_bits, websocket::compression{}.level);
  const const_bytes frame = websocket::prepare_deflated(kind_, prepared_.plain.last(message_bytes_),
                                                        with, {all.get(), room});
  if (frame.empty() || frame.size() >= prepared_.plain.size()) return;
  deflated_.reset(new (std::nothrow) std::byte[frame.size()]);
  if (deflated_ == nullptr) return;
  std::ranges::copy(frame, deflated_.get());
  prepared_.deflated = {deflated_.get(), frame.size()};
  prepared_.deflated_window_bits = static_cast<std::uint8_t>(window_bits);
}

void websocket_frame::release() noexcept {
  if (--references_ != 0) return;
  this->~websocket_frame();
  ::operator delete(this);
}

}  // namespace drywire
