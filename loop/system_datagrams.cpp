#include "system_datagrams.hpp"

#include "bind_socket.hpp"
#include "piece_group.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#ifdef __linux__
#include <linux/errqueue.h>
#endif

namespace drywire {

namespace {

bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

// Without these Linux keeps to itself what it hears of datagrams that didn't arrive. An IPv6 socket
// sends to both.
void ask_for_errors(int fd, const endpoint& where) noexcept {
#ifdef __linux__
  if (where.is_unix()) return;
  set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
  if (where.is_v6()) set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
#else
  (void)fd;
  (void)where;
#endif
}

// A receiving call with one part and an address.
struct message {
  message(void* bytes, std::size_t size) noexcept : part{bytes, size} {
    header.msg_name = &address;
    header.msg_namelen = sizeof address;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
  }
  message(const message&) = delete;
  message& operator=(const message&) = delete;

  [[nodiscard]] endpoint peer() const noexcept {
    return endpoint::from_native(&address, header.msg_namelen).value_or(endpoint::unix_unnamed());
  }

  sockaddr_storage address;  // NOLINT(*-member-init): the system writes it
  iovec part;
  msghdr header{};
};

}  // namespace

result<descriptor> bind_datagram_socket(const endpoint& where,
                                        const datagram_options& options) noexcept {
  const int family = static_cast<const sockaddr*>(where.native())->sa_family;
  descriptor made(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) return error(errno);
  const int fd = made.get();
  const int v6_only = options.v6_only ? 1 : 0;
  if ((options.reuse_port && !set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1)) ||
      (where.is_v6() && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6_only))) {
    return error(errno);
  }
  set_option(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  ask_for_errors(fd, where);
  if (const error failure = bind_socket(fd, where)) return failure;
  return made;
}

result<received_datagram> receive_datagram(int fd, mutable_bytes into) noexcept {
  message one(into.data(), into.size());
  const auto size = counted(uninterrupted([&] {
    one.header.msg_namelen = sizeof one.address;
    return ::recvmsg(fd, &one.header, 0);
  }));
  if (!size) return size.error();
  return received_datagram{*size, one.peer(), (one.header.msg_flags & MSG_TRUNC) != 0};
}

namespace {

error send_once(int fd, const msghdr& header) noexcept {
  return counted(uninterrupted([&] { return ::sendmsg(fd, &header, MSG_NOSIGNAL); })).error();
}

}  // namespace

// The system uses the call to report what became of an earlier datagram, and sends nothing then:
// the second call speaks for itself.
error send_datagram(int fd, std::span<const const_bytes> pieces, const endpoint& to) noexcept {
  piece_group group(pieces);
  if (!std::ranges::all_of(pieces, &const_bytes::empty)) return error(EMSGSIZE);
  msghdr header{};
  header.msg_name = const_cast<void*>(to.native());  // NOLINT(*-const-cast): it is only read
  header.msg_namelen = static_cast<socklen_t>(to.native_size());
  header.msg_iov = group.parts();
  header.msg_iovlen = static_cast<decltype(header.msg_iovlen)>(group.count());
  const error first = send_once(fd, header);
  return is_undelivered(first) ? send_once(fd, header) : first;
}

#ifdef __linux__

namespace {

// Of the network's making; our own system's complaints were the answer to the call already.
bool read_network_error(msghdr& header, error& failure) noexcept {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    const bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
    const bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err told{};
    std::memcpy(&told, CMSG_DATA(c), sizeof told);
    failure = error(static_cast<int>(told.ee_errno));
    return told.ee_origin == SO_EE_ORIGIN_ICMP || told.ee_origin == SO_EE_ORIGIN_ICMP6;
  }
  return false;
}

}  // namespace

result<undelivered_datagram> read_error_queue(int fd) noexcept {
  while (true) {
    alignas(cmsghdr) std::array<char, 512> control;  // NOLINT(*-member-init)
    std::byte some_of_it{};
    message one(&some_of_it, sizeof some_of_it);
    one.header.msg_control = control.data();
    one.header.msg_controllen = control.size();
    const auto got =
        counted(uninterrupted([&] { return ::recvmsg(fd, &one.header, MSG_ERRQUEUE); }));
    if (!got) return got.error();
    error failure;
    if (read_network_error(one.header, failure)) return undelivered_datagram{failure, one.peer()};
  }
}

#else

result<undelivered_datagram> read_error_queue(int) noexcept { return error(EAGAIN); }

#endif

bool has_room_to_send(int fd) noexcept {
  pollfd asked{fd, POLLOUT, 0};
  return ::poll(&asked, 1, 0) > 0 && (asked.revents & POLLOUT) != 0;
}

}  // namespace drywire
