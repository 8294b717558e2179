// For tests of peers that die: raw sockets beside a loop, in one thread.
#pragma once

#include "../loop/descriptors.hpp"

#include <drywire/adapters/owned_body_source.hpp>
#include <drywire/backends/make_backend.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

namespace drywire::tests {

enum class death : unsigned char { reset, fin };

/// A socket that doesn't block. What it reads and writes is in the other side's kernel at once.
class raw_socket {
 public:
  explicit raw_socket(test::descriptor fd) : fd_(std::move(fd)) {}

  static raw_socket connected_to(const endpoint& where) {
    test::descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in to = loopback(where.port());
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    REQUIRE(::fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0);
    return raw_socket(std::move(fd));
  }

  /// As much as goes.
  void send(std::string_view text) const {
    if (!text.empty()) REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0);
  }
  [[nodiscard]] std::string receive() const { return fd_.read(); }

  /// As when its process is killed. Unread bytes make the kernel send a RST instead of a FIN, as it
  /// does for whoever is killed while much comes in.
  void die(death how) {
    const linger hard{1, 0};
    if (how == death::reset) {
      REQUIRE(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard) == 0);
    }
    fd_.close();
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    where.sin_port = htons(port);
    return where;
  }

 private:
  test::descriptor fd_;
};

/// A body without an end, which counts what was taken of it.
class endless_source final : public owned_body_source {
 public:
  explicit endless_source(std::size_t& pulled) : pulled_(pulled) {}
  result pull(mutable_bytes to) noexcept override {
    std::memset(to.data(), 'x', to.size());
    pulled_ += to.size();
    return {to.size(), state::more};
  }

 private:
  std::size_t& pulled_;
};

/// Half a minute of turns at most.
template <class Condition>
void turn_until(backend& loop, Condition condition) {
  using clock = std::chrono::steady_clock;
  const auto give_up = clock::now() + std::chrono::seconds(30);
  while (!condition() && clock::now() < give_up) loop.run_once(milliseconds(1));
  REQUIRE(condition());
}

/// What is on its way within this machine has been met.
inline void settle(backend& loop) {
  for (int i = 0; i < 5; ++i) loop.run_once(milliseconds(1));
}

/// Descriptors that this process has, with those that libuv opens with the first loop and keeps.
inline std::size_t descriptors_without(std::string_view name) {
  make_backend(name)->run_once(milliseconds(0));
  return test::open_descriptors();
}

}  // namespace drywire::tests
