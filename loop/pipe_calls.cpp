#include "pipe_calls.hpp"

#include "piece_group.hpp"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace drywire {

pipe_calls& pipe_calls::instance() noexcept {
  static constinit pipe_calls calls;
  return calls;
}

result<std::size_t> pipe_calls::receive(int fd, mutable_bytes into) noexcept {
  return counted(uninterrupted([&] { return ::read(fd, into.data(), into.size()); }));
}

result<std::size_t> pipe_calls::send(int fd, std::span<const const_bytes> pieces) noexcept {
  return send_in_groups(
      pieces, [fd](piece_group& group) { return ::writev(fd, group.parts(), group.count()); });
}

error pipe_calls::pending_error(int fd) noexcept {
  pollfd asked{fd, 0, 0};
  return ::poll(&asked, 1, 0) > 0 && (asked.revents & POLLERR) != 0 ? error(EPIPE) : error();
}

}  // namespace drywire
