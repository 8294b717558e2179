#include "control_store.hpp"

#include <algorithm>
#include <utility>

namespace drywire::websocket {

namespace {

// In the block: the payload that comes, then the ping.
constexpr std::size_t ping_at = 128;
static_assert(control_bytes_max <= ping_at);

}  // namespace

bool control_store::gather(const_bytes part) noexcept {
  if (part.empty()) return true;
  if (!acquire()) return false;
  std::ranges::copy(part, block_ + gathered_);
  gathered_ = static_cast<std::uint8_t>(gathered_ + part.size());
  return true;
}

const_bytes control_store::take_gathered() noexcept {
  return {block_, std::exchange(gathered_, std::uint8_t{0})};
}

bool control_store::remember(const_bytes ping) noexcept {
  if (!acquire()) return false;
  std::ranges::copy(ping, block_ + ping_at);
  remembered_ = static_cast<std::uint8_t>(ping.size());
  remembers_ = true;
  return true;
}

std::optional<const_bytes> control_store::remembered() const noexcept {
  if (!remembers_) return std::nullopt;
  return const_bytes(block_ + ping_at, remembered_);
}

bool control_store::acquire() noexcept {
  if (block_ == nullptr) block_ = memory_.acquire().data();
  return block_ != nullptr;
}

void control_store::release() noexcept {
  if (block_ != nullptr) memory_.release(std::exchange(block_, nullptr));
}

}  // namespace drywire::websocket
