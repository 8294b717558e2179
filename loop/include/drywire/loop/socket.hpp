// Calls on the operating system's sockets. A loop makes them through socket_calls, so that those of
// a simulated network can take their place.
//
// Every socket made here is non-blocking and close-on-exec. Interrupted calls are made again;
// nothing raises SIGPIPE; would-block is EAGAIN.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/loop/endpoint.hpp>
#include <drywire/loop/error.hpp>
#include <drywire/loop/stream.hpp>

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <utility>

namespace drywire {

/// Gives a descriptor back to whoever made it.
class descriptor_closer {
 public:
  virtual void close(int fd) noexcept = 0;

 protected:
  descriptor_closer() = default;
  descriptor_closer(const descriptor_closer&) = default;
  descriptor_closer& operator=(const descriptor_closer&) = default;
  ~descriptor_closer() = default;
};

/// Owns a descriptor: closes it when it dies. Move-only.
class descriptor {
 public:
  descriptor() = default;
  /// One of the operating system's.
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  /// One of `made_by`, which outlives it.
  descriptor(int fd, descriptor_closer& made_by) noexcept : fd_(fd), made_by_(&made_by) {}
  descriptor(descriptor&& other) noexcept : fd_(other.release()), made_by_(other.made_by_) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor() { close(); }

  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// -1 when there is none.
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  void close() noexcept;

 private:
  int fd_ = -1;
  descriptor_closer* made_by_ = nullptr;  // null: the operating system
};

/// Bound and listening. Errors: those of socket, bind and listen. A socket file that nobody listens
/// on any more is replaced; what isn't a socket never is.
[[nodiscard]] result<descriptor> listen_socket(const endpoint& where,
                                               const listen_options& options) noexcept;

/// A socket on which connect() has begun: connected once it is writable and pending_error() has
/// none. Errors: those of socket, and those of connect that come at once. EAGAIN in the Unix
/// domain: the listener has no room for now.
[[nodiscard]] result<descriptor> connect_socket(const endpoint& where) noexcept;

/// The file that a socket of the Unix domain has made; removes it when it dies. Move-only.
class socket_file {
 public:
  /// None.
  socket_file() = default;
  /// Of the socket that was just bound to `where`; none when that is no path.
  explicit socket_file(const endpoint& where) noexcept;
  socket_file(socket_file&& other) noexcept;
  socket_file& operator=(socket_file&& other) noexcept;
  ~socket_file() { remove(); }

  /// Unless another file has its place by now. No effect the second time.
  void remove() noexcept;

 private:
  endpoint where_;  // a path, or there is none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct accepted_socket {
  descriptor fd;
  endpoint peer;
};
/// EAGAIN when nobody waits; is_peer_gone() and is_out_of_descriptors() tell of the others.
[[nodiscard]] result<accepted_socket> accept_socket(int fd) noexcept;
/// The peer went away before it was accepted: just accept the next one.
[[nodiscard]] bool is_peer_gone(error failure) noexcept;
/// EMFILE, ENFILE, ENOBUFS, ENOMEM: accepting again at once only burns CPU.
[[nodiscard]] bool is_out_of_descriptors(error failure) noexcept;

/// An answer of a datagram socket that speaks of a datagram sent before, or of the way to its
/// receiver: the socket is well.
[[nodiscard]] bool is_undelivered(error failure) noexcept;

/// Whether somebody waits to be accepted.
[[nodiscard]] bool peer_waits(int fd) noexcept;

/// A descriptor kept in reserve, so that with EMFILE the waiting peers can be turned away instead
/// of being left to hang, and the listener doesn't stay readable.
class spare_descriptor {
 public:
  spare_descriptor() noexcept { refill(); }
  /// Accepts and drops at most `peers_max` waiting peers of the listening socket `fd`. Returns how
  /// many; 0 when the reserve is empty too.
  std::size_t shed(int fd, std::size_t peers_max) noexcept;

 private:
  void refill() noexcept;
  descriptor spare_;
};

/// Bytes received, at least 1; 0 is the peer's FIN. EAGAIN when there are none yet.
[[nodiscard]] result<std::size_t> receive(int fd, mutable_bytes into) noexcept;
/// Bytes that the system took of the pieces, in order; short when it has no more room. EAGAIN when
/// it took none of them. Empty pieces are skipped; without any byte to send it is 0.
[[nodiscard]] result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept;

/// Reads and clears SO_ERROR.
[[nodiscard]] error pending_error(int fd) noexcept;
/// A FIN behind what was sent. False when there is no connection any more.
bool shut_down_sending(int fd) noexcept;
/// Bytes sent that the peer's system has not acknowledged, a FIN counted as one; 0 where the
/// operating system can't say, and in the Unix domain, where what was sent has arrived.
[[nodiscard]] std::size_t unacknowledged(int fd) noexcept;
/// The next close() sends a RST and forgets what was not sent.
void reset_on_close(int fd) noexcept;

[[nodiscard]] endpoint local_endpoint(int fd) noexcept;

/// SIGPIPE is ignored from here on, if it had its default action.
void ignore_sigpipe() noexcept;

}  // namespace drywire
