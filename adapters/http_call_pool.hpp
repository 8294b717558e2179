// Call objects, kept for the next request.
#pragma once

#include <drywire/adapters/http_call.hpp>

#include <cstddef>

namespace drywire {

/// Lives until its client has abandoned it and no handle names a call of it any more.
class http_call_pool {
 public:
  static constexpr std::size_t spare_max = 256;

  http_call_pool() = default;
  http_call_pool(const http_call_pool&) = delete;
  http_call_pool& operator=(const http_call_pool&) = delete;

  /// With one reference.
  [[nodiscard]] http_call& acquire();
  /// The client's last word. May destroy the pool.
  void abandon() noexcept;

 private:
  friend class http_call;
  ~http_call_pool();
  void give_back(http_call& spare) noexcept;

  http_call* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t used_count_ = 0;
  bool abandoned_ = false;
};

}  // namespace drywire
