// Several things awaited at once: tasks, and operations such as next_event() or sleep_for().
//
// Each is a strand of its own beside the one that awaits. None is left behind: those that aren't
// needed any more are cancelled, and waited for. Nothing is allocated besides the tasks' frames.
#pragma once

#include <drywire/adapters/coroutine/task.hpp>

#include <array>
#include <coroutine>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace drywire::co {

namespace detail {

class branch_strand;

class group : public operation {
 public:
  virtual void on_ended(std::size_t branch, bool failed) noexcept = 0;

 protected:
  group() = default;
  group(group&&) noexcept = default;
  ~group() = default;
};

class branch_strand : public strand {
 public:
  void join(group& in, scheduler& by, std::size_t index) noexcept {
    run_by(by);
    in_ = &in;
    index_ = index;
  }

 protected:
  branch_strand() = default;
  ~branch_strand() override = default;

  [[nodiscard]] group& in() const noexcept { return *in_; }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

 private:
  group* in_ = nullptr;
  std::size_t index_ = 0;
};

template <class Awaited>
class branch;

template <class T>
class branch<task<T>> final : public branch_strand {
 public:
  explicit branch(task<T>&& t) noexcept : task_(std::move(t)) {}
  // Only before it begins.
  branch(branch&& other) noexcept : task_(std::move(other.task_)) {}

  void begin() noexcept { start(task_.prepare(*this, nullptr)); }
  T take() { return task_.take(); }

 private:
  void on_ended() noexcept override { in().on_ended(index(), task_.failed()); }

  task<T> task_;
};

template <awaitable_operation Op>
class branch<Op> final : public branch_strand {
 public:
  explicit branch(Op&& op) noexcept : op_(std::move(op)) {}
  branch(branch&& other) noexcept : op_(std::move(other.op_)) {}

  void begin() noexcept {
    op_.attach(*this);
    if (op_.await_ready()) {
      if constexpr (requires { op_.await_resume_later(); }) op_.await_resume_later();
      start(nullptr);
    } else {
      op_.await_suspend(nullptr);
    }
  }
  decltype(auto) take() { return op_.await_resume(); }

 private:
  void on_ended() noexcept override {
    if constexpr (requires { op_.failed(); }) {
      in().on_ended(index(), op_.failed());
    } else {
      in().on_ended(index(), false);
    }
  }

  Op op_;
};

template <class Branch>
using taken = decltype(std::declval<Branch&>().take());
template <class Branch>
using value_of = std::conditional_t<std::is_void_v<taken<Branch>>, std::monostate, taken<Branch>>;

template <class Branch>
value_of<Branch> value(Branch& ended) {
  if constexpr (std::is_void_v<taken<Branch>>) {
    ended.take();
    return {};
  } else {
    return ended.take();
  }
}

template <class... Awaited>
class group_of : public group {
 public:
  explicit group_of(Awaited&&... each) noexcept : branches_(std::move(each)...) {}

  [[nodiscard]] bool await_ready() noexcept {
    if (waiting().cancelling()) note_cancelled();
    return was_cancelled();
  }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept {
    waiting().wait_for(*this, awaiting);
    scheduler& by = waiting().by();
    for_each([this, by = &by](auto& b, std::size_t i) { b.join(*this, *by, i); });
    for_each([](auto& b, std::size_t) { b.begin(); });
  }
  // It ends when they have.
  void cancel() noexcept override { cancel_but(sizeof...(Awaited)); }

 protected:
  group_of(group_of&&) noexcept = default;
  ~group_of() = default;

  void cancel_but(std::size_t spared) noexcept {
    for_each([spared](auto& b, std::size_t i) {
      if (i != spared) b.cancel();
    });
  }
  void count_ended() noexcept {
    if (--left_ == 0) complete();
  }
  void expect_not_cancelled() const {
    if (was_cancelled()) throw cancelled();
  }

  std::tuple<branch<Awaited>...> branches_;

 private:
  template <class F>
  void for_each(F f) noexcept {
    std::apply(
        [&f](auto&... each) {
          std::size_t i = 0;
          (f(each, i++), ...);
        },
        branches_);
  }

  std::size_t left_ = sizeof...(Awaited);
};

template <class... Awaited>
class [[nodiscard]] any_of final : public group_of<Awaited...> {
 public:
  using group_of<Awaited...>::group_of;
  using result = std::variant<value_of<branch<Awaited>>...>;

  result await_resume() {
    this->expect_not_cancelled();
    return take_first(std::index_sequence_for<Awaited...>());
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  static constexpr std::size_t none = sizeof...(Awaited);

  void on_ended(std::size_t branch, bool failed) noexcept override {
    if (first_ == none) {
      first_ = branch;
      failed_ = failed;
      this->cancel_but(branch);
    }
    this->count_ended();
  }

  template <std::size_t... I>
  result take_first(std::index_sequence<I...>) {
    using take = result (*)(any_of&);
    static constexpr std::array<take, none> takers{[](any_of& self) -> result {
      return result(std::in_place_index<I>, value(std::get<I>(self.branches_)));
    }...};
    return takers[first_](*this);
  }

  std::size_t first_ = none;
  bool failed_ = false;  // that one
};

template <class... Awaited>
class [[nodiscard]] all_of final : public group_of<Awaited...> {
 public:
  using group_of<Awaited...>::group_of;
  using result = std::tuple<value_of<branch<Awaited>>...>;

  result await_resume() {
    this->expect_not_cancelled();
    return take_all(std::index_sequence_for<Awaited...>());
  }
  [[nodiscard]] bool failed() const noexcept { return first_failed_ != none; }

 private:
  static constexpr std::size_t none = sizeof...(Awaited);

  void on_ended(std::size_t branch, bool failed) noexcept override {
    if (failed && first_failed_ == none) {
      first_failed_ = branch;
      this->cancel_but(branch);
    }
    this->count_ended();
  }

  template <std::size_t... I>
  result take_all(std::index_sequence<I...>) {
    // The one that failed first throws.
    ((I == first_failed_ ? static_cast<void>(value(std::get<I>(this->branches_))) : void()), ...);
    return result{value(std::get<I>(this->branches_))...};
  }

  std::size_t first_failed_ = none;
};

}  // namespace detail

/// `co_await co::when_any(a, b, ...)`: a std::variant whose index says which has ended first, with
/// its value, a std::monostate for none. The others are cancelled, and have ended by then; what
/// they gave or threw is dropped. If the first one threw, so does this. An event, or a connection,
/// that had come for one of the others isn't lost: who asks next is given it.
template <class... Awaited>
  requires(sizeof...(Awaited) > 0)
[[nodiscard]] detail::any_of<Awaited...> when_any(Awaited... each) noexcept {
  return detail::any_of<Awaited...>(std::move(each)...);
}

/// `co_await co::when_all(a, b, ...)`: a std::tuple of the values, once all have ended. When one
/// throws, the others are cancelled, and once they have ended, too, this throws the same.
template <class... Awaited>
  requires(sizeof...(Awaited) > 0)
[[nodiscard]] detail::all_of<Awaited...> when_all(Awaited... each) noexcept {
  return detail::all_of<Awaited...>(std::move(each)...);
}

}  // namespace drywire::co
