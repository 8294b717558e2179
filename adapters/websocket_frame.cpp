#include "websocket_frame.hpp"

#include <new>

namespace drywire {

websocket_frame* websocket_frame::make(websocket::kind what, const_bytes bytes) noexcept {
  const std::size_t room = websocket::prepared_bytes(bytes.size());
  void* const memory = ::operator new(sizeof(websocket_frame) + room, std::nothrow);
  if (memory == nullptr) return nullptr;
  auto* const made = ::new (memory) websocket_frame;
  made->prepared_.plain =
      websocket::prepare(what, bytes, {reinterpret_cast<std::byte*>(made + 1), room});
  return made;
}

void websocket_frame::release() noexcept {
  if (--references_ != 0) return;
  this->~websocket_frame();
  ::operator delete(this);
}

}  // namespace drywire
