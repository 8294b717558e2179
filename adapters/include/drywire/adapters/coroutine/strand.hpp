// What runs coroutines: strands, the queue of those that are ready, and what a strand waits for.
//
// A strand is a chain of coroutines of which each awaits the next; one of them runs, or all wait
// for one operation. Nobody but the scheduler's queue resumes a strand, at the end of a turn of the
// loop, and within a strand calls and returns go back to its base first. So the stack doesn't grow,
// however many completions follow each other, with any compiler at any level of optimization.
//
// Cancelling a strand makes the operation that it waits for, and each one that it begins to wait
// for later, throw `cancelled`. What has come already isn't lost: it is given first.
//
// One thread, the loop's. No allocation in here.
#pragma once

#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/timer.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <type_traits>

namespace drywire::co {

/// What an await throws in a strand that was cancelled.
class cancelled final : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override;
};

class strand;

/// The strands that are ready, of one loop.
class scheduler final : private turn_end {
 public:
  /// Resumptions and completions on the spot in one turn of the loop; then others have theirs.
  static constexpr unsigned steps_per_turn = 1024;

  explicit scheduler(loop_core& core) noexcept : core_(core) {}
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;
  /// Precondition: no strand of it is left, and none runs.
  ~scheduler() override = default;

  [[nodiscard]] loop_core& core() const noexcept { return core_; }
  /// A coroutine of it runs now.
  [[nodiscard]] bool running() const noexcept { return running_; }
  /// For what completes without waiting. False when this turn's steps are used up: then it has to
  /// wait for the next turn, so that others aren't starved.
  [[nodiscard]] bool spend_step() noexcept {
    if (steps_left_ == 0) return false;
    --steps_left_;
    return true;
  }

 private:
  friend class strand;

  void push(strand& ready) noexcept;
  void on_turn_end() noexcept override;

  loop_core& core_;
  strand* first_ = nullptr;
  strand* last_ = nullptr;
  unsigned steps_left_ = 0;
  bool running_ = false;
};

/// Something that a strand waits for. Lives in the frame of the coroutine that awaits it, and
/// withdraws itself when it dies there.
class operation {
 public:
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  void attach(strand& waiting) noexcept { strand_ = &waiting; }
  /// While the strand waits for it. Calls complete_cancelled(), now or when what it began has
  /// ended.
  virtual void cancel() noexcept = 0;

 protected:
  operation() = default;
  /// Only what nobody has awaited yet moves.
  operation(operation&&) noexcept {}
  ~operation() = default;

  [[nodiscard]] strand& waiting() const noexcept { return *strand_; }
  /// It has come: the strand goes on.
  void complete() noexcept;
  void complete_cancelled() noexcept {
    cancelled_ = true;
    complete();
  }
  /// From within start(): it has come, but others have their turn first.
  void complete_later() noexcept;
  [[nodiscard]] bool was_cancelled() const noexcept { return cancelled_; }
  void note_cancelled() noexcept { cancelled_ = true; }

 private:
  strand* strand_ = nullptr;
  bool cancelled_ = false;
};

class strand {
 public:
  explicit strand(scheduler& by) noexcept : scheduler_(&by) {}
  strand(const strand&) = delete;
  strand& operator=(const strand&) = delete;

  [[nodiscard]] scheduler& by() const noexcept { return *scheduler_; }

  /// Awaits throw from here on, outside of shielded(). No effect the second time.
  void cancel() noexcept;
  /// Awaits throw now.
  [[nodiscard]] bool cancelling() const noexcept { return cancelled_ && shields_ == 0; }
  void shield() noexcept { ++shields_; }
  void unshield() noexcept { --shields_; }

  /// Runs `first` when its turn comes; with null, ends then.
  void start(std::coroutine_handle<> first) noexcept;
  /// From within the strand: `next` runs as soon as the present coroutine has suspended. With null
  /// the strand ends there.
  void go_on_with(std::coroutine_handle<> next) noexcept { next_ = next; }
  /// From within the strand: `next` runs when `on` has completed.
  void wait_for(operation& on, std::coroutine_handle<> next) noexcept {
    pending_ = &on;
    next_ = next;
  }
  /// What it waited for has completed.
  void wake() noexcept {
    pending_ = nullptr;
    if (!running_) queue();  // else run() sees that nothing is pending
  }
  /// The same, but others have their turn first.
  void queue() noexcept {
    if (!queued_) scheduler_->push(*this);
  }

 protected:
  strand() = default;
  /// It isn't run any more. The coroutines are destroyed by whoever owns them.
  virtual ~strand();

  /// For one that was made without: before anything else.
  void run_by(scheduler& by) noexcept { scheduler_ = &by; }

 private:
  friend class scheduler;

  /// Its first coroutine has ended. May destroy the strand.
  virtual void on_ended() noexcept = 0;
  void run() noexcept;
  void leave_queue() noexcept;

  scheduler* scheduler_ = nullptr;
  operation* pending_ = nullptr;
  std::coroutine_handle<> next_;
  strand* queue_next_ = nullptr;
  strand* queue_previous_ = nullptr;
  unsigned shields_ = 0;
  bool queued_ = false;
  bool running_ = false;
  bool cancelled_ = false;
};

inline void operation::complete() noexcept { strand_->wake(); }
inline void operation::complete_later() noexcept { strand_->queue(); }

/// An operation as co_await sees it. `Self` has
///
///   bool ready() noexcept    it needn't wait
///   void start() noexcept    begins to wait; may complete() from within
///   T result()               once; of what it leaves untaken nothing is lost
///   void withdraw() noexcept undoes start()
///   void stay() noexcept     it was ready, and result() comes later; where that needs something
template <class Self>
class awaitable : public operation {
 public:
  [[nodiscard]] bool await_ready() noexcept {
    if (!waiting().cancelling()) return self().ready();
    note_cancelled();
    return true;
  }
  void await_suspend(std::coroutine_handle<> awaiting) noexcept {
    waiting().wait_for(*this, awaiting);
    self().start();
  }
  decltype(auto) await_resume() {
    if (was_cancelled()) throw cancelled();
    return self().result();
  }
  /// For a branch that was ready beside others that aren't.
  void await_resume_later() noexcept {
    if (!was_cancelled()) self().stay();
  }
  void cancel() noexcept override {
    self().withdraw();
    complete_cancelled();
  }

 protected:
  awaitable() = default;
  awaitable(awaitable&&) noexcept = default;
  ~awaitable() = default;

  void stay() noexcept {}

 private:
  Self& self() noexcept { return static_cast<Self&>(*this); }
};

template <class Op>
concept awaitable_operation = std::derived_from<std::remove_cvref_t<Op>, operation>;

}  // namespace drywire::co
