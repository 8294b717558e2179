// A loop, as everything above it sees it: native, Asio, libuv or a simulator.
#pragma once

#include <drywire/loop/datagram.hpp>
#include <drywire/loop/endpoint.hpp>
#include <drywire/loop/error.hpp>
#include <drywire/loop/loop_core.hpp>
#include <drywire/loop/stream.hpp>
#include <drywire/loop/timer.hpp>

#include <cstdint>
#include <string_view>

namespace drywire {

/// What a loop may lack. Asking for it then gives ENOTSUP.
enum class capability : std::uint32_t {
  none = 0,
  ipv6 = 1U << 0,
  reuse_port = 1U << 1,
  signals = 1U << 2,
  native_handles = 1U << 3,  ///< streams have a file descriptor
  real_time = 1U << 4,       ///< now() passes by itself; a simulator's doesn't
  parallel = 1U << 5,        ///< loops joined by streams may run at once, each in its thread
  unix_sockets = 1U << 6,    ///< listen() and connect() in the Unix domain
  abstract_names = 1U << 7,  ///< of the Unix domain; only on Linux
  adopt = 1U << 8,           ///< adopt(), and stream::release()
  datagrams = 1U << 9,       ///< bind_datagram(); in the Unix domain, if it has that
};

[[nodiscard]] constexpr capability operator|(capability a, capability b) noexcept {
  return static_cast<capability>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
[[nodiscard]] constexpr bool has(capability set, capability wanted) noexcept {
  return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(wanted)) ==
         static_cast<std::uint32_t>(wanted);
}

class signal_handler {
 public:
  /// On the loop's thread. A burst of the same signal may be told once.
  virtual void on_signal(int signal_number) noexcept = 0;

 protected:
  signal_handler() = default;
  signal_handler(const signal_handler&) = default;
  signal_handler& operator=(const signal_handler&) = default;
  ~signal_handler() = default;
};

/// One thread, but for core().post(), core().remote() and stop(). SIGPIPE is ignored from the first
/// backend on, where it had its default action.
class backend {
 public:
  backend(const backend&) = delete;
  backend& operator=(const backend&) = delete;
  /// Works at once, whatever goes on: streams and listeners that live are told on_closed with
  /// ECANCELED, in here; from there, begin nothing new. A host that the loop was attached to still
  /// frees what it had under way, when it runs again: detach() first is how to leave it clean.
  /// Precondition: not within one of its callbacks.
  virtual ~backend() = default;

  /// The name that make_backend() knows it by.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  [[nodiscard]] virtual capability capabilities() const noexcept = 0;

  /// Accepts on `where`. Errors: those of socket, bind and listen, such as EADDRINUSE, EACCES,
  /// EADDRNOTAVAIL, EMFILE. `handler` lives until on_listener_closed.
  ///
  /// On a path of the Unix domain, a socket file on which nobody listens is replaced; what isn't a
  /// socket says EADDRINUSE. The umask decides who may connect. The file is removed when the
  /// listener closes, unless another has its place by then. No port, so no reuse_port: ENOTSUP.
  [[nodiscard]] virtual result<listener*> listen(const endpoint& where, accept_handler& handler,
                                                 const listen_options& options = {}) noexcept = 0;

  /// Begins to connect. Every outcome, failure too, comes later, through `handler`: on_open, or
  /// on_closed with the reason. The stream may be closed or aborted before. While a listener of the
  /// Unix domain has no room, it is tried again and again.
  [[nodiscard]] virtual stream& connect(const endpoint& where,
                                        stream_handler& handler) noexcept = 0;

  /// A stream on a descriptor that somebody else has made: a connected stream socket, also of a
  /// socketpair, an end of a pipe or FIFO, a terminal or another character device that can be
  /// waited for. It is the loop's from here on; on failure it stays the caller's. on_open isn't
  /// called.
  ///
  /// A pipe has one direction. Its reading end accepts 0 bytes, and after on_eof comes on_closed.
  /// Its writing end reads nothing, ends by shutdown_write() as by close(), and is told EPIPE once
  /// nobody can read any more. A program with a SIGPIPE handler of its own has it called then, when
  /// it writes: pipes know no MSG_NOSIGNAL.
  ///
  /// The descriptor becomes close-on-exec and non-blocking; the latter for all who share it, so
  /// adopt a terminal only when no other program uses it meanwhile. Errors: EPERM for what can't be
  /// waited for or is no stream of bytes, such as a regular file, a folder, /dev/null, a timer;
  /// EPROTOTYPE for a socket that isn't a stream, EINVAL for a listening and ENOTCONN for an
  /// unconnected one; EBADF; ENOMEM; ENOTSUP. Precondition: no loop has it already.
  [[nodiscard]] virtual result<stream*> adopt(int fd, stream_handler& handler) noexcept;

  /// A socket for datagrams, which receives at `where` and sends from there; with port 0 or
  /// unix_unnamed() the system chooses. Errors: those of socket and bind, such as EADDRINUSE,
  /// EACCES, EMFILE; ENOTSUP. Socket files are treated as by listen(). `handler` lives until
  /// on_closed.
  [[nodiscard]] virtual result<datagram_socket*> bind_datagram(
      const endpoint& where, datagram_handler& handler,
      const datagram_options& options = {}) noexcept;

  /// Tells `handler` of the signal from here on, instead of the signal's default action. One
  /// handler a signal and process: EBUSY. EINVAL for what isn't a signal that can be caught. A
  /// handled signal doesn't keep run() from returning.
  [[nodiscard]] virtual error handle_signal(int signal_number,
                                            signal_handler& handler) noexcept = 0;
  /// The default action again. No effect when it isn't handled here.
  virtual void remove_signal(int signal_number) noexcept = 0;

  /// Turns until stop(), or until nothing is left that could cause one: no stream, listener, armed
  /// timer or posted task. EBUSY from within a callback of this loop, doing nothing. On a loop that
  /// was attached to an application's own io_context or uv_loop_t: ENOTSUP; the application runs
  /// that itself.
  [[nodiscard]] virtual error run() noexcept = 0;
  /// At most one wait, of `wait_max` at most, and the turns that it caused. True when something is
  /// left to wait for. Not on an attached loop: false.
  virtual bool run_once(duration wait_max) noexcept = 0;
  /// Any thread: ends run() after the turn that goes on, or the next run() at once.
  void stop() noexcept { core_.remote().stop(); }

  /// Ends all that this loop does and leaves its host clean, without stopping or running that.
  /// Legal in callbacks; tells nothing from within this call. No effect the second time.
  ///
  /// From here on nothing new begins: post() answers false and tasks that wait are destroyed unrun,
  /// no timer fires or can be armed, listen(), adopt() and handle_signal() give ECANCELED, and so
  /// does connect(), through its handler. At the end of the turn (of the next one, outside of
  /// callbacks) signals have their default action again, listeners close, and streams that live are
  /// reset and told ECANCELED.
  ///
  /// Then `done` is called, once, on the loop's thread and outside of its callbacks, as soon as the
  /// host has no descriptor, handle or operation of this loop any more. `done` may destroy the
  /// backend, for which the host needn't run again. A loop that isn't attached calls it at the end
  /// of run() or run_once(). A backend that is destroyed before destroys `done` uncalled.
  void detach(task done) noexcept;

  [[nodiscard]] loop_core& core() noexcept { return core_; }
  [[nodiscard]] now time() const noexcept { return core_.time(); }

 protected:
  explicit backend(loop_host& host);

  // For detach().

  /// Nothing new may begin.
  [[nodiscard]] bool detaching() const noexcept { return detachment_.begun; }
  /// Ends what lives, to be told in the next turn, and handles no signal any more. True while
  /// anything is left to be told; it is called again, then. Comes at the end of a turn.
  virtual bool cancel_all() noexcept = 0;
  /// All was told, and the core won't call its host again. Calls host_let_go() once that has
  /// nothing of this loop any more: at once, where the host is the loop's own.
  virtual void leave_host() noexcept { host_let_go(); }
  void host_let_go() noexcept;
  /// Calls `done` if the host has let go. Outside of any scope, and last of all, as it may destroy
  /// the backend: where run() and run_once() return, and behind a late host_let_go().
  void tell_detached() noexcept;
  /// `done` won't be called: for destructors.
  void forget_detach() noexcept { detachment_.cancel(); }

  loop_core core_;

 private:
  struct detachment final : turn_end {
    explicit detachment(backend& b) noexcept : of(b) {}
    ~detachment() override { cancel(); }
    void on_turn_end() noexcept override { of.go_on_detaching(); }

    backend& of;
    task done;
    bool begun = false;
    bool host_let_go = false;
  };
  void go_on_detaching() noexcept;

  detachment detachment_{*this};
};

}  // namespace drywire
