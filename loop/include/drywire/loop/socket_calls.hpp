// The calls on sockets that streams and listeners are made of: the operating system's, or those of
// a simulated network. What a stream does with their answers is the same code either way.
#pragma once

#include <drywire/loop/datagram.hpp>
#include <drywire/loop/socket.hpp>

#include <cstddef>
#include <span>

namespace drywire {

/// What a stream does with its descriptor. Each answers as the function of the same name in
/// socket.hpp does. The descriptors are this object's own: they mean nothing to another's calls.
/// Used by one thread.
class stream_calls : public descriptor_closer {
 public:
  [[nodiscard]] virtual result<std::size_t> receive(int fd, mutable_bytes into) noexcept = 0;
  [[nodiscard]] virtual result<std::size_t> send(int fd,
                                                 std::span<const const_bytes> pieces) noexcept = 0;
  [[nodiscard]] virtual error pending_error(int fd) noexcept = 0;
  virtual bool shut_down_sending(int fd) noexcept = 0;
  [[nodiscard]] virtual std::size_t unacknowledged(int fd) noexcept = 0;
  virtual void reset_on_close(int fd) noexcept = 0;
  [[nodiscard]] virtual endpoint local(int fd) noexcept = 0;

 protected:
  stream_calls() = default;
  stream_calls(const stream_calls&) = default;
  stream_calls& operator=(const stream_calls&) = default;
  ~stream_calls() = default;
};

/// A descriptor that somebody else has made, as a stream.
struct adopted_stream {
  stream_calls* calls = nullptr;  // outlive the stream
  bool reads = false;
  bool writes = false;
  endpoint local;
  endpoint peer;
  bool tells_of_readers = false;  // it is ready to be read, by an error, once nobody reads it
  bool reads_in_parts = false;    // a read may give less than is there
};

struct received_datagram {
  std::size_t size = 0;
  endpoint from;
  bool truncated = false;
};

struct undelivered_datagram {
  error failure;
  endpoint to;
};

/// The others. What has a body here need not be there: see `capability`.
class socket_calls : public stream_calls {
 public:
  [[nodiscard]] virtual result<descriptor> listen(const endpoint& where,
                                                  const listen_options& options) noexcept = 0;
  [[nodiscard]] virtual result<descriptor> connect(const endpoint& where) noexcept = 0;
  [[nodiscard]] virtual result<accepted_socket> accept(int fd) noexcept = 0;
  [[nodiscard]] virtual bool peer_waits(int fd) noexcept = 0;
  /// Turns away at most `peers_max` peers that wait, though there is no descriptor left to accept
  /// them with. Returns how many.
  virtual std::size_t shed(int fd, std::size_t peers_max) noexcept = 0;
  /// Of what was just bound to `where`; none but in a real file system.
  [[nodiscard]] virtual socket_file file_of(const endpoint& where) noexcept;
  /// See backend::adopt. Doesn't own `fd`, but readies it.
  [[nodiscard]] virtual result<adopted_stream> adopt(int fd) noexcept;

  /// Bound. Errors: those of socket and bind.
  [[nodiscard]] virtual result<descriptor> bind_datagram(const endpoint& where,
                                                         const datagram_options& options) noexcept;
  /// EAGAIN when there is none. is_undelivered() tells of errors that don't concern receiving.
  [[nodiscard]] virtual result<received_datagram> receive_from(int fd, mutable_bytes into) noexcept;
  /// See datagram_socket::send_to.
  [[nodiscard]] virtual error send_to(int fd, std::span<const const_bytes> pieces,
                                      const endpoint& to) noexcept;
  /// Takes one from what the network has reported; EAGAIN when it has nothing to report.
  [[nodiscard]] virtual result<undelivered_datagram> next_undelivered(int fd) noexcept;
  /// False when the last send_to() failed because our own system has no room.
  [[nodiscard]] virtual bool has_room(int fd) noexcept;

 protected:
  socket_calls() = default;
  socket_calls(const socket_calls&) = default;
  socket_calls& operator=(const socket_calls&) = default;
  ~socket_calls() = default;
};

/// The operating system's. Keeps a descriptor in reserve for shed().
class system_sockets final : public socket_calls {
 public:
  [[nodiscard]] result<descriptor> listen(const endpoint& where,
                                          const listen_options& options) noexcept override;
  [[nodiscard]] result<descriptor> connect(const endpoint& where) noexcept override;
  [[nodiscard]] result<accepted_socket> accept(int fd) noexcept override;
  [[nodiscard]] bool peer_waits(int fd) noexcept override;
  std::size_t shed(int fd, std::size_t peers_max) noexcept override;
  [[nodiscard]] result<std::size_t> receive(int fd, mutable_bytes into) noexcept override;
  [[nodiscard]] result<std::size_t> send(int fd,
                                         std::span<const const_bytes> pieces) noexcept override;
  [[nodiscard]] error pending_error(int fd) noexcept override;
  bool shut_down_sending(int fd) noexcept override;
  [[nodiscard]] std::size_t unacknowledged(int fd) noexcept override;
  void reset_on_close(int fd) noexcept override;
  [[nodiscard]] endpoint local(int fd) noexcept override;
  [[nodiscard]] socket_file file_of(const endpoint& where) noexcept override;
  [[nodiscard]] result<adopted_stream> adopt(int fd) noexcept override;
  [[nodiscard]] result<descriptor> bind_datagram(const endpoint& where,
                                                 const datagram_options& options) noexcept override;
  [[nodiscard]] result<received_datagram> receive_from(int fd,
                                                       mutable_bytes into) noexcept override;
  [[nodiscard]] error send_to(int fd, std::span<const const_bytes> pieces,
                              const endpoint& to) noexcept override;
  [[nodiscard]] result<undelivered_datagram> next_undelivered(int fd) noexcept override;
  [[nodiscard]] bool has_room(int fd) noexcept override;
  void close(int fd) noexcept override;

 private:
  spare_descriptor spare_;
};

}  // namespace drywire
