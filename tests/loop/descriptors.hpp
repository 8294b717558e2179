// Descriptors for tests: owned, in pairs, and counted.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::test {

class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_(fd) { REQUIRE(fd >= 0); }
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  void write(std::string_view text) const {
    REQUIRE(::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  /// At most `max` bytes; empty at the end or when it would block.
  [[nodiscard]] std::string read(std::size_t max = 65536) const {
    std::string bytes(max, '\0');
    const ssize_t n = ::read(fd_, bytes.data(), max);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

 private:
  int fd_ = -1;
};

struct descriptor_pair {
  descriptor a;
  descriptor b;
};

/// Two connected stream sockets that don't block.
inline descriptor_pair socket_pair() {
  int fds[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
  return {descriptor(fds[0]), descriptor(fds[1])};
}

/// Two ends of a TCP connection that don't block.
inline descriptor_pair tcp_pair() {
  const descriptor listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* const address = reinterpret_cast<sockaddr*>(&where);
  REQUIRE(::bind(listening.get(), address, size) == 0);
  REQUIRE(::listen(listening.get(), 1) == 0);
  REQUIRE(::getsockname(listening.get(), address, &size) == 0);
  descriptor a(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(a.get(), address, size) == 0);
  descriptor b(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  REQUIRE(::fcntl(a.get(), F_SETFL, O_NONBLOCK) == 0);
  return {std::move(a), std::move(b)};
}

/// `a` reads what is written to `b`; neither blocks.
inline descriptor_pair make_pipe() {
  int fds[2] = {-1, -1};
  REQUIRE(::pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
  return {descriptor(fds[0]), descriptor(fds[1])};
}

/// Descriptors that this process has open now.
inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  REQUIRE(folder != nullptr);
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

/// While it lives the process can open so many descriptors, and no more.
class scarce_descriptors {
 public:
  explicit scarce_descriptors(std::size_t left) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit lowered = before_;
    lowered.rlim_cur = 64;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
    while (true) {
      const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (fd < 0) break;
      taken_.emplace_back(fd);
    }
    REQUIRE(taken_.size() >= left);
    taken_.resize(taken_.size() - left);
  }
  ~scarce_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
  std::vector<descriptor> taken_;
};

}  // namespace drywire::test
