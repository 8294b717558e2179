// Random bytes of the operating system, a few hundred at a time.
#pragma once

#include <drywire/base/entropy.hpp>

#include <array>
#include <cstddef>

namespace drywire {

/// Fit for masking keys and nonces, RFC 6455 10.3. One thread. Bytes that were fetched already are
/// the same in both processes behind a fork(): make a new one there.
class system_entropy final : public entropy {
 public:
  system_entropy() = default;

  /// Ends the program if the system has none to give: no answer would be safe.
  void fill(mutable_bytes to) noexcept override;

 private:
  std::array<std::byte, 256> bytes_;
  std::size_t left_ = 0;  // at the end of bytes_
};

}  // namespace drywire
