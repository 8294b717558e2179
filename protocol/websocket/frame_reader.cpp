#include "frame_reader.hpp"

#include <algorithm>
#include <utility>

namespace drywire::websocket {

std::optional<fault> frame_reader::read_header(mutable_bytes& in, frame_rules rules) noexcept {
  const std::size_t had = partial_size_;
  const std::size_t copied = std::min(in.size(), partial_.size() - had);
  const_bytes seen = in;
  if (had > 0 || in.size() < partial_.size()) {
    std::copy_n(in.begin(), copied, partial_.begin() + had);
    seen = const_bytes(partial_).first(had + copied);
  }
  const header_reading got = websocket::read_header(seen, rules, header_);
  if (got.wrong) return got.wrong;
  if (got.size == 0) {
    in = in.subspan(copied);
    partial_size_ = static_cast<std::uint8_t>(had + copied);
    return std::nullopt;
  }
  in = in.subspan(got.size - had);
  partial_size_ = 0;
  left_ = header_.length;
  open_ = true;
  return std::nullopt;
}

const_bytes frame_reader::look(mutable_bytes in) noexcept {
  const mutable_bytes payload =
      in.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())));
  if (header_.masked && payload.size() > unmasked_) {
    mask(payload.subspan(unmasked_), header_.key, header_.length - left_ + unmasked_);
    unmasked_ = payload.size();
  }
  return payload;
}

void frame_reader::take(mutable_bytes& in, std::size_t n) noexcept {
  in = in.subspan(n);
  left_ -= n;
  unmasked_ -= std::min(n, unmasked_);
}

}  // namespace drywire::websocket
