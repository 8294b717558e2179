// Masking keys from a seed, for a simulation that can be repeated.
#pragma once

#include <drywire/base/entropy.hpp>
#include <drywire/testkit/random.hpp>

#include <cstddef>
#include <cstdint>

namespace drywire::tools {

class seeded_keys final : public entropy {
 public:
  explicit seeded_keys(std::uint64_t seed) noexcept : random_(seed) {}

  void fill(mutable_bytes to) noexcept override {
    for (std::byte& b : to) b = static_cast<std::byte>(random_.next());
  }

 private:
  testkit::random random_;
};

}  // namespace drywire::tools
