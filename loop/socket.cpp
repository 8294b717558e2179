#include "bind_socket.hpp"
#include "piece_group.hpp"

#include <drywire/loop/socket.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#ifdef __linux__
#include <linux/sockios.h>
#endif

namespace drywire {

namespace {

error last_error() noexcept { return error(errno); }

const sockaddr* address_of(const endpoint& where) noexcept {
  return static_cast<const sockaddr*>(where.native());
}

socklen_t size_of(const endpoint& where) noexcept {
  return static_cast<socklen_t>(where.native_size());
}

bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

result<descriptor> make_socket(const endpoint& where) noexcept {
  descriptor fd(
      ::socket(address_of(where)->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return last_error();
  return fd;
}

// Without a gather list the system has less to copy and check.
result<std::size_t> send_one(int fd, const_bytes piece) noexcept {
  if (piece.empty()) return std::size_t{0};
  return counted(
      uninterrupted([&] { return ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL); }));
}

#ifdef SIOCOUTQ
bool is_unix_socket(int fd) noexcept {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}
#endif

// Replies are written whole, so there is nothing for Nagle's algorithm to gather.
void send_at_once(int fd, int family) noexcept {
  if (family != AF_UNIX) set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
    made_by_ = other.made_by_;
  }
  return *this;
}

// After EINTR the descriptor is gone all the same: closing again could hit another's.
void descriptor::close() noexcept {
  if (fd_ < 0) return;
  if (made_by_ != nullptr) {
    made_by_->close(release());
  } else {
    ::close(release());
  }
}

result<descriptor> listen_socket(const endpoint& where, const listen_options& options) noexcept {
  result<descriptor> made = make_socket(where);
  if (!made) return made;
  const int fd = made->get();
  const bool is_set =
      (where.is_unix() || set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1)) &&
      (!options.reuse_port || set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1)) &&
      (!where.is_v6() || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0));
  if (!is_set) return last_error();
  if (const error failure = bind_socket(fd, where)) return failure;
  if (::listen(fd, options.backlog) == 0) return made;
  const error failure = last_error();
  socket_file(where).remove();
  return failure;
}

// An interrupted connect goes on by itself: calling again would only say EALREADY.
result<descriptor> connect_socket(const endpoint& where) noexcept {
  result<descriptor> made = make_socket(where);
  if (!made) return made;
  send_at_once(made->get(), address_of(where)->sa_family);
  if (::connect(made->get(), address_of(where), size_of(where)) != 0 && errno != EINPROGRESS &&
      errno != EINTR) {
    return last_error();
  }
  return made;
}

result<accepted_socket> accept_socket(int fd) noexcept {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  descriptor taken(uninterrupted([&] {
    size = sizeof from;
    return ::accept4(fd, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }));
  if (!taken) return last_error();
  send_at_once(taken.get(), from.ss_family);
  return accepted_socket{std::move(taken), endpoint::from_native(&from, size).value_or(endpoint())};
}

// Linux reports an error of the new connection as one of accept: see accept(2).
bool is_peer_gone(error failure) noexcept {
  switch (failure.code()) {
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case ETIMEDOUT:
    case EPERM: return true;
    default: return false;
  }
}

// Linux has the same ones for both, but for these.
bool is_undelivered(error failure) noexcept {
  return failure.code() == ECONNREFUSED || failure.code() == EMSGSIZE || failure.code() == EACCES ||
         is_peer_gone(failure);
}

bool is_out_of_descriptors(error failure) noexcept {
  return failure.code() == EMFILE || failure.code() == ENFILE || failure.code() == ENOBUFS ||
         failure.code() == ENOMEM;
}

bool peer_waits(int fd) noexcept {
  pollfd listening{fd, POLLIN, 0};
  return ::poll(&listening, 1, 0) > 0;
}

std::size_t spare_descriptor::shed(int fd, std::size_t peers_max) noexcept {
  if (!spare_) refill();
  if (!spare_) return 0;
  spare_.close();
  std::size_t dropped = 0;
  while (dropped < peers_max) {
    auto taken = accept_socket(fd);
    if (!taken) break;
    reset_on_close(taken->fd.get());  // a FIN could pass for an empty answer
    ++dropped;
  }
  refill();
  return dropped;
}

void spare_descriptor::refill() noexcept {
  spare_ = descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

result<std::size_t> receive(int fd, mutable_bytes into) noexcept {
  return counted(uninterrupted([&] { return ::recv(fd, into.data(), into.size(), 0); }));
}

result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept {
  if (pieces.size() == 1) return send_one(fd, pieces.front());
  return send_in_groups(pieces, [fd](piece_group& group) {
    msghdr message{};
    message.msg_iov = group.parts();
    message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(group.count());
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
  });
}

error pending_error(int fd) noexcept {
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0) return last_error();
  return error(code);
}

bool shut_down_sending(int fd) noexcept { return ::shutdown(fd, SHUT_WR) == 0; }

// In the Unix domain Linux counts there what the peer hasn't read.
std::size_t unacknowledged(int fd) noexcept {
#ifdef SIOCOUTQ
  int size = 0;
  if (!is_unix_socket(fd) && ::ioctl(fd, SIOCOUTQ, &size) == 0 && size > 0)
    return static_cast<std::size_t>(size);
#else
  (void)fd;
#endif
  return 0;
}

void reset_on_close(int fd) noexcept {
  const linger none{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

endpoint local_endpoint(int fd) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return endpoint::from_native(&address, size).value_or(endpoint());
}

void ignore_sigpipe() noexcept {
  struct sigaction present {};
  if (::sigaction(SIGPIPE, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) {
    std::signal(SIGPIPE, SIG_IGN);
  }
}

}  // namespace drywire
