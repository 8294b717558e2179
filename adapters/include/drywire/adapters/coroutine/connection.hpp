// A protocol's connection, for coroutines: events are awaited one by one.
//
//   co::connection<http1::server> c(loop, std::move(stream), {}, storage, limits);
//   while (auto event = co_await c.next_event()) { ... c.call().respond(200) ... }
//
// What an event points into lives until the next one is asked for, whatever is awaited meanwhile;
// output goes on leaving, and more input is kept, up to a limit. The machine's time stands still
// while nobody asks for an event and nothing waits to be written: a coroutine that takes its time
// isn't held against the peer.
//
// One thread, the loop's.
#pragma once

#include <drywire/adapters/coroutine/strand.hpp>
#include <drywire/adapters/coroutine/transport.hpp>
#include <drywire/adapters/driver.hpp>
#include <drywire/base/bytes.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/loop/backend.hpp>

#include <array>
#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>

namespace drywire::co {

namespace detail {

// A wish that isn't granted yet.
class waiting_wish {
 public:
  /// Tries again. True when there is an answer, which the operation was told.
  virtual bool try_again() noexcept = 0;
  virtual void fail() noexcept = 0;

 protected:
  waiting_wish() = default;
  waiting_wish(const waiting_wish&) = default;
  waiting_wish& operator=(const waiting_wish&) = default;
  ~waiting_wish() = default;
};

}  // namespace detail

template <protocol P>
class connection final {
 public:
  using machine_type = P;
  using event = typename P::event;

  /// Makes the machine of `arguments` and takes the stream over; if that has died already, the
  /// first next_event() gives the end. The loop outlives the connection.
  template <class... Arguments>
  connection(loop_core& core, transport from, const driver_options& options,
             Arguments&&... arguments)
      : death_(from.death()),
        driver_(core, from.release(), *this, options, std::forward<Arguments>(arguments)...) {}
  template <class... Arguments>
  connection(backend& loop, transport from, const driver_options& options, Arguments&&... arguments)
      : connection(loop.core(), std::move(from), options, std::forward<Arguments>(arguments)...) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  /// A stream that still lives is aborted: so an exception that passes through here, or the end of
  /// a cancelled task, drops the connection. What waits for it is given the end.
  ~connection() {
    if (next_ != nullptr) next_->lose();
    if (wish_ != nullptr) std::exchange(wish_, nullptr)->fail();
  }

  class next;
  /// `co_await c.next_event()`: an optional event; nothing once the connection is over and the
  /// stream has gone, and then for ever. Events that came before an end are given before it. One at
  /// a time may wait, also if by when_any(). Cancelling loses no event.
  [[nodiscard]] next next_event() noexcept { return next(*this); }

  /// The machine, for a wish: its time is now. What the wish causes leaves when the next event is
  /// awaited, at the latest at the end of the loop's next turn.
  [[nodiscard]] P& call() noexcept { return driver_.call(); }
  [[nodiscard]] const P& machine() const noexcept { return driver_.machine(); }

  template <class F>
  class wishing;
  /// `co_await c.wish(f)`: calls `f(machine)`, which answers with an errc, and calls it again each
  /// time that output has left as long as it answers would_exceed. Gives the last answer;
  /// connection_gone when the stream dies before. What the wish refers to lives until then. One at
  /// a time may wait.
  template <class F>
  [[nodiscard]] wishing<F> wish(F f) noexcept {
    return wishing<F>(*this, std::move(f));
  }
  /// The same for a command.
  [[nodiscard]] auto apply(const typename P::command& command) noexcept {
    return wish([&command](P& machine) noexcept { return machine.apply(command); });
  }
  /// The same for the machine's send(), of bytes that it copies.
  [[nodiscard]] auto send(const_bytes bytes) noexcept
    requires requires(P& m) { m.send(bytes); }
  {
    return wish([bytes](P& machine) noexcept { return machine.send(bytes); });
  }

  /// Null once it has gone.
  [[nodiscard]] const stream* transport_now() const noexcept { return driver_.transport(); }
  /// Why the stream died; none while it lives, or after an orderly end.
  [[nodiscard]] error death() const noexcept { return death_; }
  void observe(driver_observer<P>* observer) noexcept { driver_.observe(observer); }

 private:
  friend driver<P, connection, one_by_one>;

  // Events that have come and nobody has taken: one, or those around a timeout that nobody waited
  // for. A machine tells at most that an exchange is over, that there is room again, and its end.
  static constexpr std::size_t early_max = 4;

  [[nodiscard]] bool has_event() const noexcept { return taken_ != come_; }
  [[nodiscard]] event take_event() noexcept {
    event first = std::move(*events_[taken_]);
    events_[taken_].reset();
    if (++taken_ == come_) taken_ = come_ = 0;
    return first;
  }

  // The driver's application.
  [[nodiscard]] bool wants_event() const noexcept { return asking_ && !has_event(); }
  [[nodiscard]] bool takes_early_event() const noexcept { return come_ < early_max; }
  void on_event(event& e) noexcept {
    events_[come_++].emplace(std::move(e));
    if (next_ != nullptr) next_->come();
  }
  bool on_drain() noexcept {
    if (wish_ == nullptr || !wish_->try_again()) return false;
    wish_ = nullptr;
    return true;
  }
  void on_closed(error why) noexcept {
    death_ = why;
    if (next_ != nullptr) next_->come();
    if (wish_ != nullptr) std::exchange(wish_, nullptr)->fail();
  }

  std::array<std::optional<event>, early_max> events_;
  unsigned char taken_ = 0;
  unsigned char come_ = 0;
  bool asking_ = false;   // next_event() is being tried, or waits
  next* next_ = nullptr;  // until its coroutine has gone on
  detail::waiting_wish* wish_ = nullptr;
  error death_;
  driver<P, connection, one_by_one> driver_;
};

template <protocol P>
class [[nodiscard]] connection<P>::next final : public awaitable<next> {
 public:
  explicit next(connection& of) noexcept : of_(&of) {}
  next(next&& unawaited) noexcept = default;
  ~next() {
    if (known_) withdraw();
  }

 private:
  friend awaitable<next>;
  friend connection;

  [[nodiscard]] bool ready() noexcept {
    connection& c = *of_;
    if (!this->waiting().by().spend_step()) return false;
    if (c.has_event()) return true;
    c.asking_ = true;
    c.driver_.pull_event();
    if (c.has_event() || c.driver_.transport() == nullptr) {
      c.asking_ = false;
      return true;
    }
    return false;
  }
  void start() noexcept {
    connection& c = *of_;
    assert(c.next_ == nullptr && "two next_event() at a time");
    c.next_ = this;
    known_ = true;
    if (c.has_event()) {
      come_ = true;
      this->complete_later();
    } else if (std::exchange(c.asking_, true)) {
      c.driver_.settle();
    } else {
      c.driver_.settle_later();
    }
  }
  void stay() noexcept {
    assert(of_->next_ == nullptr && "two next_event() at a time");
    of_->next_ = this;
    known_ = come_ = true;
  }
  void withdraw() noexcept {
    known_ = false;
    of_->next_ = nullptr;
    of_->asking_ = false;
  }
  void come() noexcept {
    of_->asking_ = false;
    if (!std::exchange(come_, true)) this->complete();
  }
  void lose() noexcept {
    come();
    known_ = false;
    of_ = nullptr;
  }
  [[nodiscard]] std::optional<event> result() noexcept {
    if (known_) withdraw();
    if (of_ == nullptr || !of_->has_event()) return std::nullopt;
    return of_->take_event();
  }

  connection* of_;      // null when it died first
  bool known_ = false;  // to the connection, which tells of its death
  bool come_ = false;
};

template <protocol P>
template <class F>
class [[nodiscard]] connection<P>::wishing final : public awaitable<wishing<F>>,
                                                   private detail::waiting_wish {
 public:
  wishing(connection& of, F f) noexcept : of_(&of), f_(std::move(f)) {}
  wishing(wishing&& unawaited) noexcept = default;
  ~wishing() {
    if (waits_) withdraw();
  }

 private:
  friend awaitable<wishing>;
  friend connection;

  [[nodiscard]] bool ready() noexcept {
    if (of_->driver_.transport() == nullptr) {
      answer_ = errc::connection_gone;
      return true;
    }
    if (!this->waiting().by().spend_step()) return false;
    answer_ = f_(of_->call());
    return answer_ != errc::would_exceed;
  }
  // What leaves now makes room, but others have their turn first.
  void start() noexcept {
    assert(of_->wish_ == nullptr && "two wishes wait at a time");
    of_->wish_ = this;
    waits_ = true;
    of_->driver_.settle_later();
  }
  void withdraw() noexcept {
    waits_ = false;
    of_->wish_ = nullptr;
  }
  bool try_again() noexcept override {
    answer_ = f_(of_->call());
    if (answer_ == errc::would_exceed) return false;
    waits_ = false;
    this->complete();
    return true;
  }
  void fail() noexcept override {
    waits_ = false;
    answer_ = errc::connection_gone;
    this->complete();
  }
  [[nodiscard]] errc result() const noexcept { return answer_; }

  connection* of_;
  bool waits_ = false;
  F f_;
  errc answer_ = errc::would_exceed;
};

}  // namespace drywire::co
