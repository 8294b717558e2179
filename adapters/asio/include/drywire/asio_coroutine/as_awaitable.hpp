// A task awaited from a coroutine of Asio's, standalone or Boost's.
//
//   asio::awaitable<void> session(drywire::co::scope& tasks) {
//     const int n = co_await drywire::co::as_awaitable(tasks, count_lines());
//   }
#pragma once

#include <drywire/adapters/coroutine/scope.hpp>
#include <drywire/adapters/coroutine/task.hpp>

#ifdef DRYWIRE_ASIO_BOOST
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/version.hpp>
#define DRYWIRE_ASIO_CANCELS (BOOST_ASIO_VERSION >= 102000)
#if DRYWIRE_ASIO_CANCELS
#include <boost/asio/associated_cancellation_slot.hpp>
#endif
namespace drywire::co::detail {
namespace net = boost::asio;
}
#else
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/version.hpp>
#define DRYWIRE_ASIO_CANCELS (ASIO_VERSION >= 102000)
#if DRYWIRE_ASIO_CANCELS
#include <asio/associated_cancellation_slot.hpp>
#endif
namespace drywire::co::detail {
namespace net = ::asio;
}
#endif

#include <concepts>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace drywire::co {

namespace detail {

// What Asio's side cancels. Lives in its slot, where it has one.
struct cancel_link {
  strand* on = nullptr;
  bool asked = false;

  void cancel() noexcept {
    asked = true;
    if (on != nullptr) on->cancel();
  }
#if DRYWIRE_ASIO_CANCELS
  void operator()(net::cancellation_type) noexcept { cancel(); }
#endif
};

template <class Handler>
cancel_link* link_to([[maybe_unused]] const Handler& handler) {
#if DRYWIRE_ASIO_CANCELS
  auto slot = net::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) return &slot.template emplace<cancel_link>();
#endif
  return nullptr;
}

// As long as the task may be cancelled.
class linked {
 public:
  linked(cancel_link* link, strand& on) noexcept : link_(link) {
    if (link_ == nullptr) return;
    link_->on = &on;
    if (link_->asked) on.cancel();
  }
  linked(const linked&) = delete;
  linked& operator=(const linked&) = delete;
  ~linked() {
    if (link_ != nullptr) link_->on = nullptr;
  }

 private:
  cancel_link* link_;
};

// In a callback of the context, not of the loop: it may destroy the scope.
template <class Handler, class... Values>
void hand_over(Handler handler, std::exception_ptr failure, Values... values) {
#if DRYWIRE_ASIO_CANCELS
  net::get_associated_cancellation_slot(handler).clear();
#endif
  const auto executor = net::get_associated_executor(handler);
  net::post(executor, [handler = std::move(handler), failure = std::move(failure),
                       ... values = std::move(values)]() mutable {
    std::move(handler)(std::move(failure), std::move(values)...);
  });
}

template <class T, class Handler>
task<void> run_for_asio(task<T> inner, Handler handler, cancel_link* link) {
  std::exception_ptr failure;
  std::conditional_t<std::is_void_v<T>, std::optional<bool>, std::optional<T>> value;
  {
    const linked to_asio(link, co_await this_strand());
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(inner);
      } else {
        value.emplace(co_await std::move(inner));
      }
    } catch (...) {
      failure = std::current_exception();
    }
  }
  if constexpr (std::is_void_v<T>) {
    hand_over(std::move(handler), std::move(failure));
  } else {
    hand_over(std::move(handler), std::move(failure), value ? std::move(*value) : T());
  }
}

template <class T>
struct completion {
  using signature = void(std::exception_ptr, T);
};
template <>
struct completion<void> {
  using signature = void(std::exception_ptr);
};

}  // namespace detail

/// Spawns `begun` in `in`, whose loop is attached to the context that the awaiting coroutine runs
/// on, and gives what it gives, or throws what it throws. Cancelling the awaitable cancels the task
/// (from Asio 1.20 on, Boost 1.77); a scope that is destroyed has the context destroy the coroutine
/// that awaits.
template <class T>
  requires(std::is_void_v<T> || std::default_initializable<T>)
[[nodiscard]] detail::net::awaitable<T> as_awaitable(scope& in, task<T> begun) {
  using token = const detail::net::use_awaitable_t<>&;
  return detail::net::async_initiate<token, typename detail::completion<T>::signature>(
      [](auto handler, scope* tasks, task<T> inner) {
        detail::cancel_link* const link = detail::link_to(handler);
        tasks->spawn(detail::run_for_asio(std::move(inner), std::move(handler), link));
      },
      detail::net::use_awaitable, &in, std::move(begun));
}

}  // namespace drywire::co
