// WebSockets, awaited, in both roles. Not a part of coroutine.hpp: their headers are heavier.
//
//   co::task<void> echo(drywire::exchange_handle x) {
//     co::websocket ws = co_await co::accept_websocket(*x);
//     while (const auto message = co_await ws.next_message()) {
//       const auto answer = co_await ws.send(message->kind, message->bytes);
//       if (answer != drywire::errc::ok) co_return;
//     }
//   }
//
// One thread, the loop's.
#pragma once

#include <drywire/adapters/coroutine/strand.hpp>
#include <drywire/adapters/exchange.hpp>
#include <drywire/adapters/websocket_client.hpp>
#include <drywire/adapters/websocket_peer.hpp>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::co {

namespace detail {

template <class Self>
class websocket_opening;

// Who waits for something of a WebSocket.
class websocket_waiter {
 public:
  // It may have come.
  virtual void look() noexcept = 0;
  // The WebSocket dies.
  virtual void lose() noexcept = 0;

 protected:
  websocket_waiter() = default;
  websocket_waiter(const websocket_waiter&) = default;
  websocket_waiter& operator=(const websocket_waiter&) = default;
  ~websocket_waiter() = default;
};

enum class websocket_wait : std::uint8_t { open, message, room, end };

// What a co::websocket is, at an address that stays.
class websocket_state final : public websocket_handler {
 public:
  websocket_state() = default;
  websocket_state(const websocket_state&) = delete;
  websocket_state& operator=(const websocket_state&) = delete;
  ~websocket_state();

  [[nodiscard]] bool opened() const noexcept { return opened_; }
  [[nodiscard]] bool over() const noexcept { return over_; }
  [[nodiscard]] bool has_message() const noexcept { return has_message_; }
  void wait(websocket_wait for_what, websocket_waiter* who) noexcept {
    assert((who == nullptr || waiters_[index(for_what)] == nullptr) && "two wait for one thing");
    waiters_[index(for_what)] = who;
  }

  /// The message before dies. True: there is another one already, or the end.
  [[nodiscard]] bool ask() noexcept;
  [[nodiscard]] std::optional<websocket_message> take() noexcept;
  errc send(drywire::websocket::kind what, const_bytes bytes) noexcept;
  void close(std::uint16_t code, std::string_view reason) noexcept;
  /// It is over, or never began.
  void fail(const websocket_outcome& how) noexcept;

  websocket_handle peer;
  websocket_outcome outcome;

 private:
  // What is kept of a message's memory for the next one.
  static constexpr std::size_t spare_bytes_max = std::size_t{64} * 1024;

  static std::size_t index(websocket_wait w) noexcept { return static_cast<std::size_t>(w); }
  void tell(websocket_wait what) noexcept;
  std::string_view keep_reason(std::string_view reason) noexcept;

  void on_open(websocket_peer& opened) noexcept override;
  void on_message(websocket_peer& from, const websocket_message& message) noexcept override;
  void on_drained(websocket_peer&) noexcept override { tell(websocket_wait::room); }
  void on_closed(websocket_peer&, const websocket_outcome& how) noexcept override { fail(how); }

  std::array<websocket_waiter*, 4> waiters_ = {};
  std::vector<std::byte> bytes_;  // of the message that was given last, or will be next
  std::string reason_;
  drywire::websocket::kind kind_ = drywire::websocket::kind::text;
  bool has_message_ = false;
  bool opened_ = false;
  bool over_ = false;
  bool deaf_ = false;
};

// The part of waiting that is the same whatever one waits for. `Self` has come(): whether it has.
template <class Self, websocket_wait What>
class websocket_operation : public awaitable<Self>, private websocket_waiter {
 protected:
  friend awaitable<Self>;

  explicit websocket_operation(websocket_state* of) noexcept : of_(of) {}
  websocket_operation(websocket_operation&& unawaited) noexcept = default;
  virtual ~websocket_operation() {
    if (known_) withdraw();
  }

  [[nodiscard]] bool ready() noexcept { return this->waiting().by().spend_step() && self().come(); }
  void start() noexcept {
    wait();
    if (!self().come()) return;
    come_ = true;
    this->complete_later();
  }
  void stay() noexcept {
    wait();
    come_ = true;
  }
  void wait() noexcept {
    of_->wait(What, this);
    known_ = true;
  }
  void withdraw() noexcept {
    known_ = false;
    of_->wait(What, nullptr);
  }
  /// Null: it died before.
  [[nodiscard]] websocket_state* state() noexcept {
    if (known_) withdraw();
    return of_;
  }

  websocket_state* of_;

 private:
  [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
  void look() noexcept override {
    if (come_ || !self().come()) return;
    come_ = true;
    this->complete();
  }
  void lose() noexcept override {
    known_ = false;
    of_ = nullptr;
    if (!std::exchange(come_, true)) this->complete();
  }

  bool known_ = false;  // to the state, which tells of its death
  bool come_ = false;
};

}  // namespace detail

/// One WebSocket. Move-only; dying closes it with 1001 and doesn't wait: so an exception, or
/// cancelling, ends it in an orderly way.
class websocket final {
 public:
  class reading;
  class sending;
  class closing;

  /// It was opened, and isn't over.
  [[nodiscard]] explicit operator bool() const noexcept {
    return state_->opened() && !state_->over();
  }
  /// How it ended, or why there never was one. Precondition: it is false. Valid as long as this.
  [[nodiscard]] const websocket_outcome& outcome() const noexcept { return state_->outcome; }

  /// `co_await ws.next_message()`: an optional websocket_message; nothing once it is over, and then
  /// for ever. Its bytes live until the next one is asked for. While nobody asks, at most one is
  /// kept, and the peer is made to wait. One at a time may wait. Cancelling loses no message.
  [[nodiscard]] reading next_message() noexcept;
  /// `co_await ws.send(kind, bytes)`: waits while the answer is would_exceed, then gives the last
  /// one; connection_gone once it is over. The bytes live until then. One at a time may wait.
  [[nodiscard]] sending send(drywire::websocket::kind what, const_bytes bytes) noexcept;
  [[nodiscard]] sending send(std::string_view text) noexcept;
  /// `co_await ws.close()`: says Close and waits for the end: a websocket_outcome, whose reason is
  /// valid as long as this. Messages that still come are dropped.
  [[nodiscard]] closing close(std::uint16_t code = drywire::websocket::close_code::normal,
                              std::string_view reason = {}) noexcept;

  /// For wishes that needn't wait; its handler stays. Precondition: it was opened.
  [[nodiscard]] websocket_peer& peer() const noexcept { return *state_->peer; }

 private:
  template <class Self>
  friend class detail::websocket_opening;
  explicit websocket(std::unique_ptr<detail::websocket_state> state) noexcept
      : state_(std::move(state)) {}

  std::unique_ptr<detail::websocket_state> state_;
};

class [[nodiscard]] websocket::reading final
    : public detail::websocket_operation<reading, detail::websocket_wait::message> {
 public:
  explicit reading(detail::websocket_state* of) noexcept : websocket_operation(of) {}

 private:
  friend awaitable<reading>;
  friend websocket_operation;

  [[nodiscard]] bool come() noexcept { return of_->ask(); }
  [[nodiscard]] std::optional<websocket_message> result() noexcept {
    detail::websocket_state* const from = state();
    return from == nullptr ? std::nullopt : from->take();
  }
};

class [[nodiscard]] websocket::sending final
    : public detail::websocket_operation<sending, detail::websocket_wait::room> {
 public:
  sending(detail::websocket_state* of, drywire::websocket::kind what, const_bytes bytes) noexcept
      : websocket_operation(of), what_(what), bytes_(bytes) {}

 private:
  friend awaitable<sending>;
  friend websocket_operation;

  [[nodiscard]] bool come() noexcept {
    if (answer_ == errc::would_exceed) answer_ = of_->send(what_, bytes_);
    return answer_ != errc::would_exceed;
  }
  [[nodiscard]] errc result() noexcept {
    return state() == nullptr && answer_ == errc::would_exceed ? errc::connection_gone : answer_;
  }

  drywire::websocket::kind what_;
  const_bytes bytes_;
  errc answer_ = errc::would_exceed;
};

class [[nodiscard]] websocket::closing final
    : public detail::websocket_operation<closing, detail::websocket_wait::end> {
 public:
  closing(detail::websocket_state* of, std::uint16_t code, std::string_view reason) noexcept
      : websocket_operation(of), code_(code), reason_(reason) {}

 private:
  friend awaitable<closing>;
  friend websocket_operation;

  [[nodiscard]] bool come() noexcept {
    if (!std::exchange(said_, true)) of_->close(code_, reason_);
    return of_->over();
  }
  [[nodiscard]] websocket_outcome result() noexcept {
    const detail::websocket_state* const from = state();
    return from == nullptr ? websocket_outcome{.end = websocket_end::aborted} : from->outcome;
  }

  std::uint16_t code_;
  std::string_view reason_;
  bool said_ = false;
};

inline websocket::reading websocket::next_message() noexcept { return reading(state_.get()); }
inline websocket::sending websocket::send(drywire::websocket::kind what,
                                          const_bytes bytes) noexcept {
  return {state_.get(), what, bytes};
}
inline websocket::sending websocket::send(std::string_view text) noexcept {
  return send(drywire::websocket::kind::text, text_bytes(text));
}
inline websocket::closing websocket::close(std::uint16_t code, std::string_view reason) noexcept {
  return {state_.get(), code, reason};
}

namespace detail {

// How a co::websocket begins. `Self` has begin(), which may fail().
template <class Self>
class websocket_opening : public websocket_operation<Self, websocket_wait::open> {
  using base = websocket_operation<Self, websocket_wait::open>;

 protected:
  friend awaitable<Self>;
  friend base;

  websocket_opening(std::unique_ptr<websocket_state> state,
                    const websocket_options& options) noexcept
      : base(state.get()), options_(options), state_(std::move(state)) {}
  websocket_opening(websocket_opening&& unawaited) noexcept = default;
  ~websocket_opening() override { static_cast<void>(this->state()); }

  [[nodiscard]] bool come() noexcept {
    if (!std::exchange(asked_, true)) static_cast<Self&>(*this).begin();
    return state_->opened() || state_->over();
  }
  [[nodiscard]] websocket result() noexcept {
    static_cast<void>(this->state());
    return websocket(std::move(state_));
  }

  websocket_options options_;

 private:
  std::unique_ptr<websocket_state> state_;
  bool asked_ = false;
};

}  // namespace detail

class [[nodiscard]] accepting_websocket final
    : public detail::websocket_opening<accepting_websocket> {
 public:
  accepting_websocket(std::unique_ptr<detail::websocket_state> state, exchange& x,
                      const websocket_options& options) noexcept
      : websocket_opening(std::move(state), options), x_(x) {}

 private:
  friend websocket_opening;

  void begin() noexcept;

  exchange& x_;
};

class [[nodiscard]] connecting_websocket final
    : public detail::websocket_opening<connecting_websocket> {
 public:
  connecting_websocket(std::unique_ptr<detail::websocket_state> state, websocket_client& client,
                       std::string_view url, const websocket_options& options,
                       http1::field_list fields) noexcept
      : websocket_opening(std::move(state), options), client_(client), url_(url), fields_(fields) {}

 private:
  friend websocket_opening;

  void begin() noexcept;

  websocket_client& client_;
  std::string_view url_;
  http1::field_list fields_;
};

/// `co_await co::accept_websocket(x)`: a co::websocket, which is false if the handshake was refused
/// (and answered), or came to nothing. Precondition: `x` is open when it is awaited. Throws
/// std::bad_alloc.
[[nodiscard]] inline accepting_websocket accept_websocket(exchange& x,
                                                          const websocket_options& options = {}) {
  return {std::make_unique<detail::websocket_state>(), x, options};
}

/// `co_await co::connect_websocket(client, "ws://localhost/")`: a co::websocket, which is false if
/// there is none; outcome() says why. `url` and `fields` live until then. Throws std::bad_alloc.
[[nodiscard]] inline connecting_websocket connect_websocket(websocket_client& client,
                                                            std::string_view url,
                                                            const websocket_options& options = {},
                                                            http1::field_list fields = {}) {
  return {std::make_unique<detail::websocket_state>(), client, url, options, fields};
}

}  // namespace drywire::co
