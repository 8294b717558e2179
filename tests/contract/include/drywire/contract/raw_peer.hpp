// The other end of a connection, made of plain socket calls of the present world: what the loop
// under test is measured against. Nothing here blocks.
#pragma once

#include <drywire/loop/endpoint.hpp>
#include <drywire/loop/socket.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace drywire::contract {

class raw_peer {
 public:
  raw_peer() = default;
  explicit raw_peer(descriptor fd) noexcept : fd_(std::move(fd)) {}
  /// Connected when this returns, though nobody has accepted yet.
  explicit raw_peer(const endpoint& where);

  /// Precondition: the socket takes them all.
  void write(std::string_view bytes) const;
  /// As much as the socket takes. Returns how much.
  [[nodiscard]] std::size_t write_some(std::string_view bytes) const;
  /// Takes what is there: adds to `received`, sets `eof` or `failure`.
  void read();
  void fin() const;
  void reset();
  void close();
  [[nodiscard]] explicit operator bool() const noexcept { return bool(fd_); }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] endpoint local() const;
  [[nodiscard]] error pending_error() const;
  [[nodiscard]] std::size_t unacknowledged() const;
  [[nodiscard]] bool ended() const noexcept { return eof || failure; }

  std::string received;
  bool eof = false;
  error failure;

 private:
  descriptor fd_;
};

/// Listens by itself, for a loop that connects.
class raw_listener {
 public:
  explicit raw_listener(const endpoint& where = endpoint::loopback_v4(0), int backlog = 128);
  [[nodiscard]] endpoint local() const;
  /// Precondition: somebody has begun to connect.
  [[nodiscard]] raw_peer accept() const;
  void close() { fd_.close(); }

 private:
  descriptor fd_;
};

/// A listener whose queue is full: who connects to it hangs.
class full_listener {
 public:
  full_listener();
  [[nodiscard]] endpoint local() const { return listening_.local(); }
  [[nodiscard]] raw_listener& listening() noexcept { return listening_; }

 private:
  raw_listener listening_;
  std::vector<descriptor> waiting_;
};

/// A port of the loopback where nobody listens.
[[nodiscard]] endpoint closed_port();
/// The world has ::1.
[[nodiscard]] bool machine_has_ipv6();

}  // namespace drywire::contract
