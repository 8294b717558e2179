// A byte stream with two directions, as every loop gives it: TCP over IPv4 and IPv6, sockets of the
// Unix domain, and what is adopted.
//
// The specification in five sentences: write() returns what it accepted, and a loop pins at most
// one bounce chunk of it. on_data lends. on_eof comes at most once, on_closed exactly once and
// last. close() flushes what was accepted, for its timeout at most, then aborts. When both
// directions have ended and are flushed, on_closed follows with no error.
//
// All readable bytes come before the terminal callback. Everything here is of the loop's thread.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/base/instant.hpp>
#include <drywire/loop/block_pool.hpp>
#include <drywire/loop/endpoint.hpp>
#include <drywire/loop/error.hpp>

#include <cstddef>
#include <span>

namespace drywire {

class stream;

/// What a stream tells. Any of these may close the stream, change its handler, or destroy the
/// handler itself (after `set_handler` gave the stream another one).
class stream_handler {
 public:
  /// A connect() has succeeded. Not called for an accepted stream.
  virtual void on_open(stream&) noexcept {}
  /// Bytes have come. What isn't taken is gone when this returns.
  virtual void on_data(stream&, lent_buffer&) noexcept = 0;
  /// The peer's FIN: exactly once when it comes, behind all its data. Our direction stays open.
  virtual void on_eof(stream&) noexcept = 0;
  /// Once after a write() that accepted less than it was given: there is room again.
  virtual void on_writable(stream&) noexcept {}
  /// The end, exactly once, never from within a call of the stream's own members. `reason` is empty
  /// after an orderly end or the caller's own close() and abort(); else the real error, such as
  /// ECONNRESET, ECONNREFUSED, ETIMEDOUT (a close() that could not flush), ECANCELED (the loop was
  /// destroyed). The stream is gone when this returns.
  virtual void on_closed(stream&, error reason) noexcept = 0;

 protected:
  stream_handler() = default;
  stream_handler(const stream_handler&) = default;
  stream_handler& operator=(const stream_handler&) = default;
  ~stream_handler() = default;
};

/// Owned by its loop, from listen()'s on_accept or connect() until on_closed returns: never delete
/// one, and don't keep a pointer past on_closed.
class stream {
 public:
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Tries to send the pieces in order, now. Returns the bytes accepted, which the stream will
  /// send or report as lost by on_closed's reason; the rest is the caller's still. Less than all
  /// of them (0 before on_open, and after shutdown_write, close, abort or the end): on_writable
  /// follows once, if the stream can still write. The pieces may die when this returns.
  [[nodiscard]] virtual std::size_t write(std::span<const const_bytes> pieces) noexcept = 0;

  /// No on_data and no on_eof from here until resume_reading(), not even from the same turn. Costs
  /// no CPU whatever the peer sends. A reset may be told at once or on resume.
  virtual void pause_reading() noexcept = 0;
  /// Pending bytes are delivered without new ones coming; never from within this call. No effect
  /// when reading isn't paused.
  virtual void resume_reading() noexcept = 0;

  /// At most so many bytes in one on_data from here on: at least 1, at most block_pool::block_size.
  virtual void read_max(std::size_t bytes) noexcept = 0;

  /// Half-close: a FIN behind what was accepted. Reading goes on. No effect the second time.
  virtual void shutdown_write() noexcept = 0;
  /// Orderly end: no more on_data, on_eof or on_writable; what was accepted is sent, then a FIN;
  /// then on_closed. If that takes longer than `flush_timeout`, the stream is aborted and
  /// on_closed says ETIMEDOUT. Bytes still arriving are read and dropped meanwhile.
  virtual void close(duration flush_timeout) noexcept = 0;
  /// Drops the connection now: a RST, and what was accepted but not sent is lost. on_closed
  /// follows, without an error. Legal after close(); no effect the second time. In the Unix domain
  /// there is no RST: the peer sees an end, or ECONNRESET when we had bytes of its unread.
  virtual void abort() noexcept = 0;

  /// Takes the stream out of the loop: the descriptor is the caller's, non-blocking still, and
  /// on_closed follows, without an error, as the only callback. Bytes that on_data didn't deliver
  /// are in the descriptor; a loop reads nothing ahead of what it lends. Errors, which change
  /// nothing: ENOTCONN before on_open, after close() and at the end; that of a write() which failed
  /// and isn't told yet; ENOTSUP.
  [[nodiscard]] virtual result<int> release() noexcept;

  /// Callbacks go to `handler` from here on. Legal at any time.
  void set_handler(stream_handler& handler) noexcept { handler_ = &handler; }
  /// A handler that does nothing: for a stream whose own handler is about to die.
  [[nodiscard]] static stream_handler& ignoring_handler() noexcept;

  /// Bytes accepted by write() and not handed to the operating system yet.
  [[nodiscard]] virtual std::size_t queued() const noexcept = 0;
  /// Our and the peer's address; remembered, so they answer after the peer has gone too.
  [[nodiscard]] virtual endpoint local() const noexcept = 0;
  [[nodiscard]] virtual endpoint peer() const noexcept = 0;
  /// The file descriptor; -1 where there is none (a simulator) or no longer one.
  [[nodiscard]] virtual int native_handle() const noexcept = 0;

 protected:
  explicit stream(stream_handler& handler) noexcept : handler_(&handler) {}
  ~stream() = default;

  [[nodiscard]] stream_handler& handler() const noexcept { return *handler_; }

 private:
  stream_handler* handler_;
};

class listener;

class accept_handler {
 public:
  /// A connection. Give it a handler before this returns: until then it has the one that ignores,
  /// and one that still has it is aborted. Nothing is read before this returns.
  virtual void on_accept(listener&, stream&) noexcept = 0;
  /// Accepting failed, for example with EMFILE. The listener stays: it sheds the peers it can and
  /// tries again by itself, without burning CPU.
  virtual void on_accept_error(listener&, error) noexcept {}
  /// The listener is gone when this returns. Exactly once, never from within close().
  virtual void on_listener_closed(listener&) noexcept {}

 protected:
  accept_handler() = default;
  accept_handler(const accept_handler&) = default;
  accept_handler& operator=(const accept_handler&) = default;
  ~accept_handler() = default;
};

struct listen_options {
  int backlog = 1024;       ///< connections that wait for accept; the system has a cap of its own
  bool reuse_port = false;  ///< several listeners share the port, the kernel deals connections out
  bool v6_only = false;     ///< an IPv6 address takes no IPv4 peers; else "[::]" takes both
};

/// Owned by its loop until on_listener_closed returns.
class listener {
 public:
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// The address it listens on, with the real port when port 0 was asked for.
  [[nodiscard]] virtual endpoint local() const noexcept = 0;
  /// Accepts nothing from here on; streams that it accepted live on. No effect the second time.
  virtual void close() noexcept = 0;

 protected:
  listener() = default;
  ~listener() = default;
};

}  // namespace drywire
