#include <drywire/adapters/kept_input.hpp>

#include <algorithm>
#include <cassert>

namespace drywire {

void kept_input::keep(lent_buffer& lent, mutable_bytes rest) {
  if (rest.empty()) return;
  size_ += static_cast<std::uint32_t>(rest.size());
  if (rest.size() > copied_bytes_max) {
    chunks_.push_back({lent.take(), {}, rest});
    return;
  }
  if (append(rest)) return;
  std::vector<std::byte> copy;
  // The first may be all that comes; where there are more, they come byte by byte perhaps.
  if (!chunks_.empty()) copy.reserve(std::max(rest.size(), shared_bytes));
  copy.insert(copy.end(), rest.begin(), rest.end());
  const mutable_bytes left = copy;
  chunks_.push_back({{}, std::move(copy), left});
}

// To the last copy, if that has room: what is looked at stays where it is.
bool kept_input::append(const_bytes rest) noexcept {
  if (dropped_ == chunks_.size()) return false;
  chunk& last = chunks_.back();
  if (rest.size() > last.copied.capacity() - last.copied.size()) return false;
  last.copied.insert(last.copied.end(), rest.begin(), rest.end());
  last.left = {last.left.data(), last.left.size() + rest.size()};
  return true;
}

void kept_input::hold(lent_buffer& lent, mutable_bytes rest) {
  assert(empty());
  size_ = static_cast<std::uint32_t>(rest.size());
  chunks_.push_back({lent.take(), {}, rest});
  if (rest.empty()) ++dropped_;
}

void kept_input::compact() noexcept {
  if (empty()) return;
  chunk& first = chunks_[dropped_];
  if (!first.held || first.left.size() > copied_bytes_max) return;
  first.copied.assign(first.left.begin(), first.left.end());
  first.left = first.copied;
  first.held = {};
}

mutable_bytes kept_input::front() noexcept {
  return size_ == 0 ? mutable_bytes{} : chunks_[dropped_].left;
}

void kept_input::drop(std::size_t n) noexcept {
  if (n == 0) return;
  mutable_bytes& left = chunks_[dropped_].left;
  left = left.subspan(n);
  if (left.empty()) ++dropped_;
  size_ -= static_cast<std::uint32_t>(n);
}

void kept_input::free_dropped() noexcept {
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(dropped_));
  dropped_ = 0;
}

void kept_input::trim() noexcept {
  if (chunks_.empty()) std::vector<chunk>().swap(chunks_);
}

void kept_input::clear() noexcept {
  chunks_.clear();
  dropped_ = 0;
  size_ = 0;
}

}  // namespace drywire
