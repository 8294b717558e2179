#include <drywire/adapters/kept_input.hpp>

namespace drywire {

void kept_input::keep(lent_buffer& lent, mutable_bytes rest) {
  if (rest.empty()) return;
  size_ += rest.size();
  if (rest.size() > copied_bytes_max) {
    chunks_.push_back({lent.take(), {}, rest});
    return;
  }
  std::vector<std::byte> copy(rest.begin(), rest.end());
  const mutable_bytes left = copy;
  chunks_.push_back({{}, std::move(copy), left});
}

mutable_bytes kept_input::front() noexcept {
  while (!chunks_.empty() && chunks_.front().left.empty()) chunks_.erase(chunks_.begin());
  return chunks_.empty() ? mutable_bytes{} : chunks_.front().left;
}

void kept_input::drop(std::size_t n) noexcept {
  if (n == 0) return;
  chunks_.front().left = chunks_.front().left.subspan(n);
  size_ -= n;
}

void kept_input::clear() noexcept {
  chunks_.clear();
  size_ = 0;
}

}  // namespace drywire
