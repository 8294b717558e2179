#include <drywire/adapters/system_entropy.hpp>

#include <unistd.h>

#if defined(__linux__)
#include <sys/random.h>
#endif

#include <algorithm>
#include <cstdlib>

namespace drywire {

void system_entropy::fill(mutable_bytes to) noexcept {
  while (!to.empty()) {
    if (left_ == 0) {
      // 256 bytes are the most that it gives in one piece, and it always gives them.
      if (::getentropy(bytes_.data(), bytes_.size()) != 0) std::abort();
      left_ = bytes_.size();
    }
    const std::size_t n = std::min(to.size(), left_);
    const auto from = bytes_.end() - static_cast<std::ptrdiff_t>(left_);
    std::copy_n(from, n, to.begin());
    std::fill_n(from, n, std::byte{});  // who reads this memory learns no key that was used
    left_ -= n;
    to = to.subspan(n);
  }
}

}  // namespace drywire
