// Objects that counted_handles name, kept for the next use.
#pragma once

#include <cstddef>
#include <utility>

namespace drywire {

/// Lives until its owner has abandoned it and no handle names an object of it any more. A T is made
/// of its pool, has a `next_` for whoever has it, and comes back by release() with its last
/// reference.
template <class T>
class object_pool {
 public:
  static constexpr std::size_t spare_max = 256;

  object_pool() = default;
  object_pool(const object_pool&) = delete;
  object_pool& operator=(const object_pool&) = delete;

  /// With one reference.
  [[nodiscard]] T& acquire() {
    T* taken = spare_;
    if (taken != nullptr) {
      spare_ = std::exchange(taken->next_, nullptr);
      --spare_count_;
    } else {
      taken = new T(*this);
    }
    ++used_count_;
    taken->retain();
    return *taken;
  }

  /// The last reference has gone. One that has grown isn't kept. May destroy the pool.
  void give_back(T& spare) noexcept {
    --used_count_;
    if (abandoned_ || spare_count_ == spare_max || !spare.is_small()) {
      delete &spare;
    } else {
      spare.next_ = std::exchange(spare_, &spare);
      ++spare_count_;
    }
    if (abandoned_ && used_count_ == 0) delete this;
  }

  /// The owner's last word. May destroy the pool.
  void abandon() noexcept {
    abandoned_ = true;
    if (used_count_ == 0) delete this;
  }

 private:
  ~object_pool() {
    while (spare_ != nullptr) delete std::exchange(spare_, spare_->next_);
  }

  T* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t used_count_ = 0;
  bool abandoned_ = false;
};

/// What an object that is kept may hold of its memory, in bytes.
inline constexpr std::size_t spare_bytes_max = std::size_t{16} * 1024;

}  // namespace drywire
