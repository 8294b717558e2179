#include "codec.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace drywire::websocket {

struct codec::engines {
  engines(storage& memory, const limits& l, direction own, direction peer, int level) noexcept
      : in(memory, peer.window_bits, peer.takeover, l),
        out(memory, own.window_bits, level, own.takeover) {}

  message_inflater in;
  message_deflater out;
};

codec::codec(role side, storage& memory, const tools& t) noexcept
    : memory_(memory),
      deflate_memory_(t.deflate_memory),
      message_bytes_min_(t.compression.message_bytes_min),
      level_(t.compression.level),
      agreed_(t.deflate.has_value()) {
  static_assert(sizeof(engines) + 256 <= connection::block_bytes_min);
  if (!t.deflate) return;
  direction server{t.deflate->server_window_bits, !t.deflate->server_no_context_takeover};
  direction client{t.deflate->client_window_bits, !t.deflate->client_no_context_takeover};
  own_ = side == role::server ? server : client;
  peer_ = side == role::server ? client : server;
  own_.window_bits = std::min(own_.window_bits, t.compression.own_window_bits);
  own_.takeover = own_.takeover && t.compression.own_context;
}

message_inflater* codec::inflater(const limits& l) noexcept {
  engines* const e = start(l);
  return e == nullptr ? nullptr : &e->in;
}

mutable_bytes codec::room() noexcept {
  const mutable_bytes block(reinterpret_cast<std::byte*>(engines_), memory_.block_size());
  return block.subspan(sizeof(engines));
}

bool codec::holds(const_bytes bytes) const noexcept {
  // As numbers, because pointers into different objects have no order.
  const auto begin = reinterpret_cast<std::uintptr_t>(engines_);
  const auto at = reinterpret_cast<std::uintptr_t>(bytes.data());
  return engines_ != nullptr && at >= begin && at - begin < memory_.block_size();
}

message_deflater* codec::deflater(std::size_t message_bytes, const limits& l) noexcept {
  if (!agreed_ || message_bytes < message_bytes_min_) return nullptr;
  engines* const e = start(l);
  return e == nullptr ? nullptr : &e->out;
}

codec::engines* codec::start(const limits& l) noexcept {
  if (engines_ != nullptr || deflate_memory_ == nullptr) return engines_;
  std::byte* const block = memory_.acquire().data();
  if (block == nullptr) return nullptr;
  engines_ = ::new (block) engines(*deflate_memory_, l, own_, peer_, level_);
  return engines_;
}

void codec::release() noexcept {
  if (engines_ == nullptr) return;
  engines_->~engines();
  memory_.release(reinterpret_cast<std::byte*>(std::exchange(engines_, nullptr)));
}

}  // namespace drywire::websocket
