// Datagrams, as every loop gives them: UDP over IPv4 and IPv6, and those of the Unix domain.
//
// UDP promises neither arrival nor order nor that a datagram comes only once; the Unix domain does,
// as long as both ends live. Everything here is of the loop's thread.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/loop/block_pool.hpp>
#include <drywire/loop/endpoint.hpp>
#include <drywire/loop/error.hpp>

#include <cstddef>
#include <span>

namespace drywire {

class datagram_socket;

/// What a socket tells. Any of these may close it.
class datagram_handler {
 public:
  /// One datagram. `lent` is as for a stream, but bytes() is empty when the datagram is. `from` is
  /// unix_unnamed() for a sender that has no name. `truncated`: it was longer than size_max, and
  /// the rest is gone.
  virtual void on_datagram(datagram_socket&, lent_buffer& lent, const endpoint& from,
                           bool truncated) noexcept = 0;
  /// Once after a send_to() that said EAGAIN: it is worth trying again.
  virtual void on_writable(datagram_socket&) noexcept {}
  /// The network says that a datagram to `to` didn't get there, such as ECONNREFUSED when nobody
  /// has the port. The socket goes on. Only Linux says so, and only of UDP; anybody can forge it.
  virtual void on_undelivered(datagram_socket&, error, const endpoint& /*to*/) noexcept {}
  /// The end, exactly once, never from within a call of the socket's own members. `reason` is empty
  /// after close(); else ECANCELED (the loop was destroyed), ENOMEM, or what made receiving fail.
  /// The socket is gone when this returns.
  virtual void on_closed(datagram_socket&, error reason) noexcept = 0;

 protected:
  datagram_handler() = default;
  datagram_handler(const datagram_handler&) = default;
  datagram_handler& operator=(const datagram_handler&) = default;
  ~datagram_handler() = default;
};

struct datagram_options {
  /// Bytes of a datagram that are lent; at least 1, at most a block. No UDP datagram is longer than
  /// the default.
  std::size_t size_max = block_pool::block_size;
  /// What the system may hold until we read it, in bytes of its memory, which is several hundred
  /// for each datagram. The system has a limit of its own.
  int receive_buffer = 1024 * 1024;
  bool reuse_port = false;  ///< several sockets share the port, the kernel deals datagrams out
  bool v6_only = false;     ///< an IPv6 address takes no IPv4 datagrams; else "[::]" takes both
};

/// Owned by its loop, from bind_datagram() until on_closed returns.
class datagram_socket {
 public:
  datagram_socket(const datagram_socket&) = delete;
  datagram_socket& operator=(const datagram_socket&) = delete;

  /// Sends the pieces as one datagram, now or not at all; it may be empty. Success says only that
  /// our system took it. EAGAIN: there is no room, here or, in the Unix domain, at the receiver;
  /// on_writable follows once. EMSGSIZE: too long, or more than 64 pieces that aren't empty. EBADF
  /// after close(). In the Unix domain also ENOENT and ECONNREFUSED: nobody is there. Others, such
  /// as ENETUNREACH or EACCES, are the system's.
  [[nodiscard]] virtual error send_to(std::span<const const_bytes> pieces,
                                      const endpoint& to) noexcept = 0;

  /// No on_datagram from here until resume_reading(). What the system has no room for is dropped.
  virtual void pause_reading() noexcept = 0;
  virtual void resume_reading() noexcept = 0;
  /// What was sent is sent; on_closed follows, and nothing else. No effect the second time.
  virtual void close() noexcept = 0;

  /// The address it is bound to, with the port or the name that the system chose.
  [[nodiscard]] virtual endpoint local() const noexcept = 0;
  /// The file descriptor; -1 where there is none or no longer one.
  [[nodiscard]] virtual int native_handle() const noexcept = 0;

 protected:
  datagram_socket() = default;
  ~datagram_socket() = default;
};

}  // namespace drywire
