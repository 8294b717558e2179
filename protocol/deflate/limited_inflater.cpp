#include <drywire/deflate/limited_inflater.hpp>

#include <algorithm>
#include <limits>

namespace drywire::deflate {

namespace {

// The ratio is held to at this grain: what lies between two multiples of it may come in any order.
constexpr std::uint64_t grain = 1024;

constexpr std::uint64_t rounded_up(std::uint64_t bytes) noexcept {
  return (bytes + grain - 1) / grain * grain;
}

}  // namespace

limited_inflater::step limited_inflater::inflate(const_bytes in, mutable_bytes out) noexcept {
  const std::size_t offered = in.size();
  const std::size_t room = out.size();
  state what = state::more;
  while (what == state::more) {
    if (out.empty()) {
      what = state::full;
    } else if (in.empty() && drained_) {
      break;
    } else {
      what = inflate_portion(in, out);
    }
  }
  return {offered - in.size(), room - out.size(), what};
}

limited_inflater::state limited_inflater::inflate_portion(const_bytes& in,
                                                          mutable_bytes& out) noexcept {
  const const_bytes fed = portion(in);
  const std::uint64_t left = std::min(limits_.output_bytes_max, ratio_bound(fed)) - decoded_;
  // At a limit, whether there is one more byte can only be seen by decoding it.
  std::byte beyond{};
  const mutable_bytes room =
      left == 0 ? mutable_bytes(&beyond, 1)
                : out.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size())));
  const inflater::step done = inflater_.inflate(fed, room);
  in = in.subspan(done.consumed);
  encoded_ += done.consumed;
  drained_ = done.what != inflater::state::full;
  if (left == 0 && done.produced != 0) {
    return decoded_ == limits_.output_bytes_max ? state::size_exceeded : state::ratio_exceeded;
  }
  decoded_ += done.produced;
  out = out.subspan(done.produced);
  switch (done.what) {
    case inflater::state::more:
    case inflater::state::full: return state::more;
    case inflater::state::end: return state::end;
    case inflater::state::corrupt: return state::corrupt;
    case inflater::state::no_memory: return state::no_memory;
  }
  return state::corrupt;
}

void limited_inflater::restart_count() noexcept {
  encoded_ = 0;
  decoded_ = 0;
  drained_ = true;
}

// No portion goes past a multiple of the grain before all that it means has come out. Thus which
// bound a decoded byte has doesn't depend on how the input was cut.
const_bytes limited_inflater::portion(const_bytes in) const noexcept {
  const std::uint64_t left = rounded_up(encoded_ + (drained_ ? 1 : 0)) - encoded_;
  return in.first(static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), left)));
}

std::uint64_t limited_inflater::ratio_bound(const_bytes fed) const noexcept {
  const std::uint64_t encoded = rounded_up(encoded_ + fed.size());
  const std::uint64_t factor = std::max<std::uint64_t>(limits_.ratio_max, 1);
  if (encoded > std::numeric_limits<std::uint64_t>::max() / factor) return limits_.output_bytes_max;
  return std::max(encoded * factor, limits_.ratio_free_bytes);
}

}  // namespace drywire::deflate
