// Memory for one operation of Asio at a time, inside the object that starts it: waiting allocates
// nothing. Asio gives the memory back before it calls the handler, so the handler may wait again.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace drywire {

class operation_slot {
 public:
  operation_slot() = default;
  operation_slot(const operation_slot&) = delete;
  operation_slot& operator=(const operation_slot&) = delete;

  [[nodiscard]] bool is_free() const noexcept { return !taken_; }

  /// From the heap if it doesn't fit, or is taken.
  [[nodiscard]] void* take(std::size_t size) {
    if (taken_ || size > sizeof memory_) return ::operator new(size);
    taken_ = true;
    return memory_;
  }
  void give_back(void* memory) noexcept {
    if (memory != memory_) return ::operator delete(memory);
    taken_ = false;
  }

 private:
  // The largest of ours is 136 bytes, with Boost 1.74; the rest is for other versions.
  static constexpr std::size_t size_max = 192;

  alignas(std::max_align_t) std::byte memory_[size_max];
  bool taken_ = false;
};

/// What a handler names as its allocator_type, so that its operation is put in the slot.
template <class T>
class slot_allocator {
 public:
  using value_type = T;

  explicit slot_allocator(operation_slot& slot) noexcept : slot_(&slot) {}
  template <class U>
  slot_allocator(const slot_allocator<U>& other) noexcept  // NOLINT(google-explicit-constructor)
      : slot_(other.slot_) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(slot_->take(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t) noexcept { slot_->give_back(memory); }

  template <class U>
  friend bool operator==(const slot_allocator& a, const slot_allocator<U>& b) noexcept {
    return a.slot_ == b.slot_;
  }

 private:
  template <class U>
  friend class slot_allocator;

  operation_slot* slot_;
};

}  // namespace drywire
