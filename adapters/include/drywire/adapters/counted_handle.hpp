// A handle to an object that an adapter owns and uses again: an exchange, a call.
#pragma once

#include <utility>

namespace drywire {

/// Copyable. Keeps the object, not what it stands for: when that is over, the object's members
/// answer errc::connection_gone. One thread, the loop's.
template <class T>
class counted_handle {
 public:
  counted_handle() = default;
  explicit counted_handle(T& of) noexcept : of_(&of) { of.retain(); }
  counted_handle(const counted_handle& other) noexcept : of_(other.of_) {
    if (of_ != nullptr) of_->retain();
  }
  counted_handle(counted_handle&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
  counted_handle& operator=(counted_handle other) noexcept {
    std::swap(of_, other.of_);
    return *this;
  }
  ~counted_handle() {
    if (of_ != nullptr) of_->release();
  }

  /// True when it names one that isn't over.
  [[nodiscard]] explicit operator bool() const noexcept { return of_ != nullptr && of_->open(); }
  /// Precondition: it names one, over or not.
  [[nodiscard]] T* operator->() const noexcept { return of_; }
  [[nodiscard]] T& operator*() const noexcept { return *of_; }

 private:
  T* of_ = nullptr;
};

}  // namespace drywire
