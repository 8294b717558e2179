// A backend over sockets, all but the waiting: streams and listeners are written once, on
// non-blocking descriptors, and a loop adds how it waits until one of them is ready. So what a
// stream does at a FIN, a reset or a full buffer can't differ between loops.
//
// Derive from socket_backend, give it watch(), and wait in a socket_watch for each descriptor; end
// run() and run_once() with tell_detached(). A loop whose own streams can't be had by readiness
// implements `backend` itself instead.
#pragma once

#include <drywire/loop/backend.hpp>
#include <drywire/loop/socket_calls.hpp>

#include <memory>

namespace drywire {

/// Who is told that a descriptor is ready. Both calls come within a callback_scope; both may close
/// the watch. One too many does no harm, but for on_writable() while a connect is under way: that
/// is taken for its end.
class watched_socket {
 public:
  virtual void on_readable() noexcept = 0;
  virtual void on_writable() noexcept = 0;

 protected:
  watched_socket() = default;
  watched_socket(const watched_socket&) = default;
  watched_socket& operator=(const watched_socket&) = default;
  ~watched_socket() = default;
};

/// Waits for one descriptor, which it owns. Gone after close() or release().
class socket_watch {
 public:
  enum class seen { may_have_more, drained };

  /// on_readable() once there are bytes, a FIN, an error or a peer to accept; never from within
  /// this call. `seen::drained`: the last call got less than it had room for, so an edge-triggered
  /// loop need not look again by itself, unless it was told of a FIN behind those bytes. Not called
  /// again before on_readable().
  virtual void await_readable(seen) noexcept = 0;
  /// on_writable() once the system takes bytes again, a connect has come to its end, or there is an
  /// error; never from within this call. Not called again before on_writable().
  virtual void await_writable() noexcept = 0;
  /// Closes the descriptor. The watched_socket isn't called again.
  virtual void close() noexcept = 0;
  /// As close(), but the descriptor stays open: it is the caller's.
  virtual void release() noexcept = 0;

 protected:
  socket_watch() = default;
  socket_watch(const socket_watch&) = default;
  socket_watch& operator=(const socket_watch&) = default;
  ~socket_watch() = default;
};

/// What a loop can do whose sockets are the operating system's.
[[nodiscard]] capability system_capabilities() noexcept;

class socket_entry;
class socket_signals;

class socket_backend : public backend {
 public:
  [[nodiscard]] result<listener*> listen(const endpoint& where, accept_handler& handler,
                                         const listen_options& options = {}) noexcept override;
  [[nodiscard]] stream& connect(const endpoint& where, stream_handler& handler) noexcept override;
  [[nodiscard]] result<stream*> adopt(int fd, stream_handler& handler) noexcept override;
  [[nodiscard]] result<datagram_socket*> bind_datagram(
      const endpoint& where, datagram_handler& handler,
      const datagram_options& options = {}) noexcept override;
  [[nodiscard]] error handle_signal(int signal_number, signal_handler& handler) noexcept override;
  void remove_signal(int signal_number) noexcept override;

 protected:
  /// `sockets` outlive the backend.
  socket_backend(loop_host& host, socket_calls& sockets);
  /// Precondition: close_all() was called.
  ~socket_backend() override;

  /// A watch of `fd`, which it owns from here on; on failure `fd` is untouched. `target` lives
  /// until the watch is closed.
  [[nodiscard]] virtual result<socket_watch*> watch(int fd, watched_socket& target) noexcept = 0;

  /// Tells all streams and listeners of the end, streams with ECANCELED, and handles no signal any
  /// more: no watch is left. For the destructor of the loop, whose watch() may still be called.
  void close_all() noexcept;
  bool cancel_all() noexcept override;

 private:
  friend class socket_datagram;
  friend class socket_entry;
  friend class socket_listener;
  friend class socket_signals;
  friend class socket_stream;

  [[nodiscard]] bool lacks(const endpoint& where) const noexcept;
  [[nodiscard]] bool can_share(const endpoint& where) const noexcept;

  socket_calls& sockets_;
  socket_entry* entries_ = nullptr;
  std::unique_ptr<socket_signals> signals_;
};

}  // namespace drywire
