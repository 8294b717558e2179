// Where tasks are spawned: all of them end before the scope does.
//
//   co::scope tasks(*loop);
//   tasks.spawn(serve(*loop));
//   loop->run();
#pragma once

#include <drywire/adapters/coroutine/task.hpp>
#include <drywire/loop/backend.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

namespace drywire::co {

/// What an exception out of a spawned task does. `cancelled` isn't one of those.
enum class on_failure : std::uint8_t {
  cancel_all,  ///< cancels the other tasks of the scope; joined() throws it
  forget,      ///< ends that task alone: for one connection of many
};

/// One thread, the loop's. The loop outlives it.
class scope {
 public:
  explicit scope(loop_core& core) noexcept : scheduler_(core) {}
  explicit scope(backend& loop) noexcept : scope(loop.core()) {}
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  /// Tasks that haven't ended are destroyed where they wait: the objects in them are, nothing of
  /// their code runs. Precondition: not from within one of its tasks.
  ~scope();

  /// Runs `begun` from the end of this turn on. Legal from anywhere on the loop's thread. Allocates
  /// one object besides the task's frame: std::bad_alloc.
  void spawn(task<void> begun, on_failure then = on_failure::cancel_all);
  /// Cancels all tasks that there are now. They end in their own time.
  void cancel() noexcept;

  /// Tasks that haven't ended.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The first exception that cancelled all; null if none did.
  [[nodiscard]] std::exception_ptr failure() const noexcept { return failure_; }

  class join;
  /// `co_await tasks.joined()`, outside of its tasks: until none is left. Then throws failure(), if
  /// there is one. One at a time may wait.
  [[nodiscard]] join joined() noexcept;

  /// For what brings strands of its own.
  [[nodiscard]] scheduler& by() noexcept { return scheduler_; }

 private:
  class spawned;

  void forget(spawned& ended) noexcept;

  scheduler scheduler_;
  spawned* tasks_ = nullptr;
  std::size_t size_ = 0;
  std::exception_ptr failure_;
  join* joining_ = nullptr;
};

class [[nodiscard]] scope::join final : public awaitable<join> {
 public:
  explicit join(scope& of) noexcept : of_(&of) {}
  join(join&& unawaited) noexcept = default;
  ~join() {
    if (known_) withdraw();
  }
  /// What it gives is an exception.
  [[nodiscard]] bool failed() const noexcept { return of_ != nullptr && of_->failure_ != nullptr; }

 private:
  friend awaitable;
  friend scope;

  [[nodiscard]] bool ready() const noexcept { return of_->size_ == 0; }
  void start() noexcept {
    of_->joining_ = this;
    known_ = true;
  }
  void stay() noexcept {
    start();
    come_ = true;
  }
  void withdraw() noexcept {
    known_ = false;
    of_->joining_ = nullptr;
  }
  void come() noexcept {
    if (!std::exchange(come_, true)) complete();
  }
  void lose() noexcept {
    come();
    known_ = false;
    of_ = nullptr;
  }
  void result() {
    if (known_) withdraw();
    if (failed()) std::rethrow_exception(of_->failure_);
  }

  scope* of_;           // null when it died first
  bool known_ = false;  // to the scope, which tells of its death
  bool come_ = false;
};

inline scope::join scope::joined() noexcept { return join(*this); }

/// `co_await co::this_strand()`: the strand that one is in, for its loop or to cancel it.
struct this_strand {
  struct answer {
    [[nodiscard]] bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    [[nodiscard]] strand& await_resume() const noexcept { return *on; }

    strand* on;
  };
  [[nodiscard]] answer awaited_on(strand& s) const noexcept { return {&s}; }
};

}  // namespace drywire::co
