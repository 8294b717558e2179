#include <drywire/contract/raw_peer.hpp>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace drywire::contract {

namespace {

bool connects_within(int fd, int milliseconds) {
  pollfd waiting{fd, POLLOUT, 0};
  return ::poll(&waiting, 1, milliseconds) == 1 && !pending_error(fd);
}

descriptor bound_socket(const endpoint& where) {
  descriptor fd(
      ::socket(where.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  REQUIRE(fd);
  REQUIRE(::bind(fd.get(), static_cast<const sockaddr*>(where.native()),
                 static_cast<socklen_t>(where.native_size())) == 0);
  return fd;
}

}  // namespace

raw_peer::raw_peer(const endpoint& where) {
  auto begun = connect_socket(where);
  REQUIRE(begun);
  fd_ = std::move(*begun);
  REQUIRE(connects_within(fd_.get(), 10'000));
}

void raw_peer::write(std::string_view bytes) const { REQUIRE(write_some(bytes) == bytes.size()); }

std::size_t raw_peer::write_some(std::string_view bytes) const {
  std::size_t sent = 0;
  while (sent != bytes.size()) {
    const ssize_t n = ::send(fd(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void raw_peer::read() {
  std::string chunk(std::size_t{256} * 1024, '\0');
  while (fd_ && !ended()) {
    const ssize_t n = ::recv(fd(), chunk.data(), chunk.size(), 0);
    if (n > 0) {
      received.append(chunk, 0, static_cast<std::size_t>(n));
    } else if (n == 0) {
      eof = true;
    } else if (errno == EAGAIN) {
      return;
    } else {
      failure = error(errno);
    }
  }
}

void raw_peer::fin() const { REQUIRE(::shutdown(fd(), SHUT_WR) == 0); }

void raw_peer::reset() {
  reset_on_close(fd());
  fd_.close();
}

void raw_peer::close() { fd_.close(); }

raw_listener::raw_listener(const endpoint& where, int backlog) : fd_(bound_socket(where)) {
  REQUIRE(::listen(fd_.get(), backlog) == 0);
}

raw_peer raw_listener::accept() const {
  pollfd waiting{fd_.get(), POLLIN, 0};
  REQUIRE(::poll(&waiting, 1, 10'000) == 1);
  return raw_peer(descriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)));
}

full_listener::full_listener() : listening_(endpoint::loopback_v4(0), 0) {
  while (waiting_.empty() || connects_within(waiting_.back().get(), 20)) {
    REQUIRE(waiting_.size() < 64);
    auto begun = connect_socket(listening_.local());
    REQUIRE(begun);
    waiting_.push_back(std::move(*begun));
  }
}

endpoint closed_port() { return local_endpoint(bound_socket(endpoint::loopback_v4(0)).get()); }

bool machine_has_ipv6() {
  const descriptor fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const endpoint where = endpoint::loopback_v6(0);
  return fd && ::bind(fd.get(), static_cast<const sockaddr*>(where.native()),
                      static_cast<socklen_t>(where.native_size())) == 0;
}

}  // namespace drywire::contract
