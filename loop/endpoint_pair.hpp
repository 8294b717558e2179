// Both addresses of a stream, remembered in little memory: an endpoint has room for a name in the
// Unix domain, which few streams have.
#pragma once

#include <drywire/loop/endpoint.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <new>

namespace drywire {

class endpoint_pair {
 public:
  endpoint_pair() noexcept : endpoint_pair({}, {}) {}
  endpoint_pair(const endpoint& local, const endpoint& peer) noexcept {
    keep(0, local);
    keep(1, peer);
  }

  void set_local(const endpoint& address) noexcept { keep(0, address); }
  [[nodiscard]] endpoint local() const noexcept { return kept(0); }
  [[nodiscard]] endpoint peer() const noexcept { return kept(1); }

 private:
  struct brief {
    std::array<std::byte, 28> address;  // a sockaddr_in6 fits
    std::uint8_t size;                  // 0: it is among the long ones
  };

  // Without memory a long name is forgotten.
  void keep(std::size_t which, const endpoint& address) noexcept {
    brief& b = brief_[which];
    if (address.native_size() <= b.address.size()) {
      std::memcpy(b.address.data(), address.native(), address.native_size());
      b.size = static_cast<std::uint8_t>(address.native_size());
      return;
    }
    if (long_ == nullptr) long_.reset(new (std::nothrow) endpoint[2]);
    if (long_ == nullptr) return keep(which, endpoint::unix_unnamed());
    long_[which] = address;
    b.size = 0;
  }

  [[nodiscard]] endpoint kept(std::size_t which) const noexcept {
    const brief& b = brief_[which];
    return b.size == 0 ? long_[which] : *endpoint::from_native(b.address.data(), b.size);
  }

  brief brief_[2];
  std::unique_ptr<endpoint[]> long_;
};

}  // namespace drywire
