// Simulations whose server has something between it and its host that breaks a promise.
#pragma once

#include "simulation.hpp"

#include <drywire/loop/socket_calls.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace drywire::tests {

struct outcome {
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t replies = 0;
  std::string violation = {};
  bool operator==(const outcome&) const = default;
};

inline outcome run(const tools::simulation_options& options) {
  tools::simulation running(options);
  while (running.run_part(10)) continue;
  running.finish();
  const sim::trace& events = running.network().events();
  return {events.hash(), events.size(), running.clients().replies, running.violation()};
}

/// Passes all on.
class passing_calls : public socket_calls {
 public:
  explicit passing_calls(socket_calls& real) : real_(real) {}

  result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept override {
    return real_.send(fd, pieces);
  }
  result<drywire::descriptor> listen(const endpoint& where,
                                     const listen_options& o) noexcept override {
    return real_.listen(where, o);
  }
  result<drywire::descriptor> connect(const endpoint& where) noexcept override {
    return real_.connect(where);
  }
  result<accepted_socket> accept(int fd) noexcept override { return real_.accept(fd); }
  bool peer_waits(int fd) noexcept override { return real_.peer_waits(fd); }
  std::size_t shed(int fd, std::size_t n) noexcept override { return real_.shed(fd, n); }
  result<std::size_t> receive(int fd, mutable_bytes into) noexcept override {
    return real_.receive(fd, into);
  }
  error pending_error(int fd) noexcept override { return real_.pending_error(fd); }
  bool shut_down_sending(int fd) noexcept override { return real_.shut_down_sending(fd); }
  std::size_t unacknowledged(int fd) noexcept override { return real_.unacknowledged(fd); }
  void reset_on_close(int fd) noexcept override { real_.reset_on_close(fd); }
  endpoint local(int fd) noexcept override { return real_.local(fd); }
  void close(int fd) noexcept override { real_.close(fd); }

 protected:
  ~passing_calls() = default;

 private:
  socket_calls& real_;
};

/// With such calls between the server and its host.
template <class Calls>
outcome run_broken(tools::simulation_options options) {
  std::optional<Calls> broken;
  options.between = [&](sim::host& real) -> socket_calls& { return broken.emplace(real); };
  return run(options);
}

}  // namespace drywire::tests
