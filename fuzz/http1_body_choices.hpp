// Bodies that a fuzzer's decisions choose, in either role.
#pragma once

#include <drywire/protocol/http1_exchange.hpp>
#include <drywire/testkit/fuzz.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace drywire {

struct pulled_text final : http1::body_source {
  result pull(mutable_bytes to) noexcept override {
    const std::size_t size = std::min<std::size_t>(to.size(), 40);
    std::fill_n(to.begin(), size, std::byte{'p'});
    return {size, ++pulls_ % 4 == 0 ? state::end : state::more};
  }
  unsigned pulls_ = 0;
};

// Stable for any lifetime.
inline const_bytes chosen_body(testkit::choices& decisions) {
  static constexpr std::string_view text =
      "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      "0";
  static constexpr auto large = [] {
    struct {
      char bytes[3000];
    } all{};
    std::fill_n(all.bytes, sizeof all.bytes, 'x');
    return all;
  }();
  const std::size_t choice = decisions.below(8);
  if (choice == 7) return text_bytes({large.bytes, sizeof large.bytes});
  return text_bytes({text.data(), choice * choice * 2});
}

inline http1::lifetime chosen_lifetime(testkit::choices& decisions) {
  static constexpr http1::lifetime all[] = {http1::lifetime::copied, http1::lifetime::lent,
                                            http1::lifetime::stable};
  return all[decisions.below(3)];
}

}  // namespace drywire
