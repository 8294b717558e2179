// A host of a simulated network, as its programs see it: calls on sockets.
#pragma once

#include <drywire/loop/backend.hpp>
#include <drywire/loop/socket_calls.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace drywire::sim {

class connection;
class listening;
class sim_watch;
class state;

/// The calls answer as Linux does for TCP on IPv4 and IPv6. One thread.
class host final : public socket_calls {
 public:
  host(state& s, std::uint32_t number) noexcept;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  ~host();

  [[nodiscard]] endpoint v4(std::uint16_t port) const noexcept;
  [[nodiscard]] endpoint v6(std::uint16_t port) const noexcept;

  /// Packets from and to it are lost, until it is back. What was sent meanwhile is sent again then,
  /// unless the sender has given up.
  void vanish() noexcept;
  void come_back() noexcept;
  [[nodiscard]] bool vanished() const noexcept { return vanished_; }

  /// connect(), listen() and accept() say EMFILE when so many are open.
  void limit_descriptors(std::size_t descriptors_max) noexcept { open_max_ = descriptors_max; }
  [[nodiscard]] std::size_t descriptors() const noexcept { return open_; }

  /// As poll(2) says it.
  [[nodiscard]] bool is_readable(int fd) const noexcept;
  [[nodiscard]] bool is_writable(int fd) const noexcept;

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
  void close(int fd) noexcept override;

 private:
  friend class connection;
  friend class sim_backend;
  friend class sim_watch;

  struct slot {
    connection* joined = nullptr;  // one of these two, or free
    listening* listens = nullptr;
    unsigned side = 0;
  };

  [[nodiscard]] slot& at(int fd) noexcept { return slots_[static_cast<std::size_t>(fd)]; }
  [[nodiscard]] const slot& at(int fd) const noexcept {
    return slots_[static_cast<std::size_t>(fd)];
  }
  [[nodiscard]] bool lacks_descriptors() noexcept;
  [[nodiscard]] int open(slot used) noexcept;
  [[nodiscard]] bool has_address(const endpoint& where) const noexcept;
  [[nodiscard]] bool in_use(const endpoint& where, const listen_options& options) const noexcept;
  [[nodiscard]] std::uint16_t free_port() noexcept;
  [[nodiscard]] listening* find_listening(const endpoint& to) noexcept;
  void release_port(std::uint16_t port) noexcept;
  /// Null for the watch that goes.
  void set_watch(int fd, sim_watch* watch) noexcept;

  state& state_;
  std::uint32_t number_;
  bool vanished_ = false;
  std::size_t open_ = 0;
  std::size_t open_max_ = SIZE_MAX;
  std::vector<slot> slots_;
  std::vector<int> free_;
  std::vector<std::unique_ptr<listening>> listeners_;
  std::vector<std::uint8_t> ports_used_;
  std::uint16_t last_port_;
};

}  // namespace drywire::sim
