// Streams that nobody reads yet: what accept() and connect() give, and a connection takes over.
#pragma once

#include <drywire/adapters/coroutine/strand.hpp>
#include <drywire/adapters/counted_handle.hpp>
#include <drywire/loop/backend.hpp>
#include <drywire/loop/stream.hpp>

#include <cstddef>

namespace drywire::co {

/// Owns a stream, which it doesn't let read. Move-only; dying aborts the stream.
class transport final : private stream_handler {
 public:
  transport() = default;
  /// Takes the stream over from within on_accept, on_open, or any time.
  explicit transport(stream& from) noexcept;
  transport(transport&& other) noexcept;
  transport& operator=(transport&& other) noexcept;
  ~transport();

  /// False when it has none, or the stream has died; death() says why.
  [[nodiscard]] explicit operator bool() const noexcept { return stream_ != nullptr; }
  [[nodiscard]] const stream* get() const noexcept { return stream_; }
  [[nodiscard]] error death() const noexcept { return death_; }
  /// The stream, reading, for the caller to give a handler at once; null when it has died.
  [[nodiscard]] stream* release() noexcept;

 private:
  void on_data(stream&, lent_buffer&) noexcept override {}
  void on_eof(stream&) noexcept override {}
  void on_closed(stream&, error why) noexcept override;

  stream* stream_ = nullptr;
  error death_;
};

class [[nodiscard]] connecting final : public awaitable<connecting>, private stream_handler {
 public:
  connecting(backend& loop, const endpoint& to) noexcept : loop_(&loop), to_(to) {}
  connecting(connecting&& unawaited) noexcept = default;
  ~connecting();

 private:
  friend awaitable;

  [[nodiscard]] bool ready() const noexcept { return false; }
  void start() noexcept { stream_ = &loop_->connect(to_, *this); }
  [[nodiscard]] drywire::result<transport> result() noexcept;
  void withdraw() noexcept;
  void on_open(stream& opened) noexcept override;
  void on_data(stream&, lent_buffer&) noexcept override {}
  void on_eof(stream&) noexcept override {}
  void on_closed(stream&, error why) noexcept override;

  backend* loop_;
  endpoint to_;
  stream* stream_ = nullptr;  // while it connects
  transport opened_;
  error failure_;
};

/// `co_await co::connect(loop, where)`: a result<transport>, or why there is none: ECONNREFUSED,
/// ETIMEDOUT, whatever the system says. Cancelling aborts it.
[[nodiscard]] inline connecting connect(backend& loop, const endpoint& where) noexcept {
  return {loop, where};
}

/// Accepts streams for coroutines. The loop outlives it.
class listener final {
 public:
  /// Streams that wait for accept(). More are aborted as they come.
  static constexpr std::size_t waiting_max = 128;

  explicit listener(backend& loop) noexcept;
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  /// Closes; streams that nobody took are aborted. An accept() that waits is told ECANCELED.
  ~listener();

  /// Listens. Gives the address with the real port. Errors: backend::listen's; EALREADY when it
  /// listens or has listened.
  [[nodiscard]] result<endpoint> listen(const endpoint& where, const listen_options& options = {});
  /// Accepts nothing from here on; see above. No effect the second time.
  void close() noexcept;

  class accepting;
  /// `co_await l.accept()`: a result<transport>; ECANCELED once it is closed or gone, or the loop
  /// ends. One at a time may wait.
  [[nodiscard]] accepting accept() noexcept;

 private:
  class acceptor;

  backend& loop_;
  counted_handle<acceptor> acceptor_;
  bool has_listened_ = false;
};

class [[nodiscard]] listener::accepting final : public awaitable<accepting> {
 public:
  explicit accepting(counted_handle<acceptor> from) noexcept;
  accepting(accepting&& unawaited) noexcept;
  ~accepting();

 private:
  friend awaitable;
  friend acceptor;

  [[nodiscard]] bool ready() noexcept;
  void start() noexcept;
  void stay() noexcept;
  void withdraw() noexcept;
  void come() noexcept;
  [[nodiscard]] drywire::result<transport> result() noexcept;

  counted_handle<acceptor> from_;
  bool known_ = false;  // to it, which tells of its death
  bool come_ = false;
};

}  // namespace drywire::co
