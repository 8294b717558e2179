// A task that cancellation doesn't reach: for an orderly end that has to await, too.
#pragma once

#include <drywire/adapters/coroutine/task.hpp>

#include <coroutine>
#include <utility>

namespace drywire::co {

namespace detail {

template <class T>
struct shielded_call : call<T> {
  void await_suspend(std::coroutine_handle<> caller) noexcept {
    this->on->shield();
    call<T>::await_suspend(caller);
  }
  T await_resume() {
    this->on->unshield();
    return this->called.take();
  }
};

template <class T>
struct shielded_task {
  [[nodiscard]] shielded_call<T> awaited_on(strand& s) && noexcept {
    return {{&s, std::move(inner)}};
  }

  task<T> inner;
};

}  // namespace detail

/// `co_await co::shielded(...)`: within it no await throws `cancelled`; behind it they do again.
/// Give it an end of its own, a timeout for instance: whoever cancels waits for it.
template <class T>
[[nodiscard]] detail::shielded_task<T> shielded(task<T> inner) noexcept {
  return {std::move(inner)};
}

}  // namespace drywire::co
