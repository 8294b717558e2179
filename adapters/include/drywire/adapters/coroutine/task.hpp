// A coroutine that begins when it is awaited, or spawned in a scope, and gives one value.
//
//   co::task<int> half(int n) { co_return n / 2; }
//   co::task<void> all() { const int h = co_await half(8); }
//
// An exception that leaves it leaves the co_await. Its frame comes from operator new; what it
// awaits lives in that frame. Parameters by reference have to outlive the task; take by value what
// might not.
#pragma once

#include <drywire/adapters/coroutine/strand.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace drywire::co {

template <class T = void>
class task;

namespace detail {

// One task awaits another.
template <class T>
struct call {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) noexcept {
    on->go_on_with(called.prepare(*on, caller));
  }
  T await_resume() { return called.take(); }

  strand* on;
  task<T> called;
};

// Names an operation in the frame of the coroutine. What await_transform() returns is copied into
// the frame by g++ 12, even a reference.
template <class Op>
struct awaiting {
  [[nodiscard]] bool await_ready() const noexcept { return op.await_ready(); }
  void await_suspend(std::coroutine_handle<> h) const noexcept { op.await_suspend(h); }
  decltype(auto) await_resume() const { return op.await_resume(); }

  Op& op;
};

struct promise_base {
  struct final_awaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      promise_base& p = ended.promise();
      p.on->go_on_with(p.caller);
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  // What may be awaited: operations, and what becomes one on a strand, as tasks do.
  template <awaitable_operation Op>
  [[nodiscard]] awaiting<std::remove_reference_t<Op>> await_transform(Op&& op) const noexcept {
    op.attach(*on);
    return {op};
  }
  template <class Awaited>
    requires requires(Awaited&& a, strand& s) { std::forward<Awaited>(a).awaited_on(s); }
  [[nodiscard]] auto await_transform(Awaited&& awaited) const noexcept {
    return std::forward<Awaited>(awaited).awaited_on(*on);
  }

  strand* on = nullptr;
  std::coroutine_handle<> caller;  // null: the strand ends with this task
  std::exception_ptr failure;
};

template <class T>
struct promise : promise_base {
  [[nodiscard]] task<T> get_return_object() noexcept;
  template <class U>
    requires std::constructible_from<T, U>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
  [[nodiscard]] T take() {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
    return std::move(*value);
  }

  std::optional<T> value;
};

template <>
struct promise<void> : promise_base {
  [[nodiscard]] task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::promise<T>;
  using value_type = T;

  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  /// Destroys the coroutine, wherever it waits, and everything in it.
  ~task() {
    if (frame_) frame_.destroy();
  }

  // For what runs tasks.

  /// The coroutine, to be resumed on `on`; then `caller` is, or if it is null, `on` ends.
  [[nodiscard]] std::coroutine_handle<> prepare(strand& on,
                                                std::coroutine_handle<> caller) noexcept {
    frame_.promise().on = &on;
    frame_.promise().caller = caller;
    return frame_;
  }
  /// Precondition: it has ended. Throws what it threw; once.
  T take() { return frame_.promise().take(); }
  /// It has thrown, and take() wasn't called.
  [[nodiscard]] bool failed() const noexcept { return frame_.promise().failure != nullptr; }
  [[nodiscard]] detail::call<T> awaited_on(strand& s) && noexcept { return {&s, std::move(*this)}; }

 private:
  friend promise_type;
  explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
task<T> promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<promise>::from_promise(*this));
}

inline task<void> promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<promise>::from_promise(*this));
}

}  // namespace detail

}  // namespace drywire::co
