// A callable kept inside the object: no allocation, ever. What doesn't fit does not compile.
#pragma once

#include <concepts>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace drywire {

template <class Signature, std::size_t Capacity = 4 * sizeof(void*)>
class inplace_function;

/// Move-only; holds any callable of at most `Capacity` bytes that is nothrow move-constructible.
/// Calls are noexcept: an exception that leaves the callable ends the program.
template <class Result, class... Args, std::size_t Capacity>
class inplace_function<Result(Args...), Capacity> {
 public:
  inplace_function() = default;

  template <class F>
    requires(!std::same_as<std::decay_t<F>, inplace_function> &&
             std::is_invocable_r_v<Result, std::decay_t<F>&, Args...>)
  inplace_function(F&& f) noexcept  // NOLINT(google-explicit-constructor): it is a conversion
      : operations_(&operations_of<std::decay_t<F>>) {
    using Held = std::decay_t<F>;
    static_assert(sizeof(Held) <= Capacity, "the callable captures too much for this function");
    static_assert(alignof(Held) <= alignof(void*));
    static_assert(std::is_nothrow_move_constructible_v<Held>);
    ::new (static_cast<void*>(memory_)) Held(std::forward<F>(f));
  }

  inplace_function(inplace_function&& other) noexcept { take(other); }
  inplace_function& operator=(inplace_function&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~inplace_function() { reset(); }

  [[nodiscard]] explicit operator bool() const noexcept { return operations_ != nullptr; }

  /// Precondition: it holds a callable.
  Result operator()(Args... args) noexcept {
    return operations_->call(memory_, std::forward<Args>(args)...);
  }

  /// Destroys the callable, if there is one.
  void reset() noexcept {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(memory_);
  }

 private:
  struct operations {
    Result (*call)(void*, Args&&...);
    void (*move_to)(void* from, void* to) noexcept;
    void (*destroy)(void*) noexcept;
  };

  template <class Held>
  static constexpr operations operations_of{
      [](void* self, Args&&... args) -> Result {
        return (*static_cast<Held*>(self))(std::forward<Args>(args)...);
      },
      [](void* from, void* to) noexcept {
        ::new (to) Held(std::move(*static_cast<Held*>(from)));
        static_cast<Held*>(from)->~Held();
      },
      [](void* self) noexcept { static_cast<Held*>(self)->~Held(); }};

  void take(inplace_function& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->move_to(other.memory_, memory_);
  }

  const operations* operations_ = nullptr;
  alignas(void*) std::byte memory_[Capacity];
};

}  // namespace drywire
