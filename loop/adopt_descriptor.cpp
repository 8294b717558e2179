#include "adopt_descriptor.hpp"

#include "pipe_calls.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#ifdef __linux__
#include <sys/epoll.h>
#endif

namespace drywire {

namespace {

using name_call = int (*)(int, sockaddr*, socklen_t*);

result<endpoint> name_of(int fd, name_call call) noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (call(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return error(errno);
  return endpoint::from_native(&address, size).value_or(endpoint::unix_unnamed());
}

int option(int fd, int name) noexcept {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

result<adopted_stream> examine_socket(int fd, stream_calls& sockets) noexcept {
  if (option(fd, SO_TYPE) != SOCK_STREAM) return error(EPROTOTYPE);
  if (option(fd, SO_ACCEPTCONN) != 0) return error(EINVAL);
  const auto peer = name_of(fd, ::getpeername);
  const auto local = name_of(fd, ::getsockname);
  if (!peer) return peer.error();
  if (!local) return local.error();
  return adopted_stream{&sockets, true, true, *local, *peer};
}

// A device that can't be waited for looks ready to poll(2) at any time; epoll refuses it.
bool can_be_waited_for(int fd) noexcept {
#ifdef __linux__
  const descriptor trial(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event nothing{};
  return !trial || ::epoll_ctl(trial.get(), EPOLL_CTL_ADD, fd, &nothing) == 0 || errno != EPERM;
#else
  (void)fd;
  return true;
#endif
}

// A terminal gives a line at a time, a pipe may give a packet. Only a pipe that is written to has
// nothing to be read: what is typed at a terminal makes it ready whoever reads it.
result<adopted_stream> examine_file(int fd, bool is_pipe) noexcept {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return error(errno);
  const int way = flags & O_ACCMODE;
  const endpoint nameless = endpoint::unix_unnamed();
  adopted_stream found{&pipe_calls::instance(), way != O_WRONLY, way != O_RDONLY, nameless,
                       nameless};
  found.tells_of_readers = is_pipe && !found.reads;
  found.reads_in_parts = true;
  return found;
}

result<adopted_stream> examine(int fd, stream_calls& sockets) noexcept {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return error(errno);
  if (S_ISSOCK(found.st_mode)) return examine_socket(fd, sockets);
  const bool is_pipe = S_ISFIFO(found.st_mode);
  const bool is_device = S_ISCHR(found.st_mode) && can_be_waited_for(fd);
  if (!is_pipe && !is_device) return error(EPERM);
  return examine_file(fd, is_pipe);
}

// As any other stream of a loop has it.
error make_ready(int fd, const adopted_stream& what) noexcept {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return error(errno);
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return error(errno);
  const int on = 1;
  if (!what.peer.is_unix()) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

}  // namespace

result<adopted_stream> adopt_descriptor(int fd, stream_calls& sockets) noexcept {
  const result<adopted_stream> what = examine(fd, sockets);
  if (!what) return what;
  if (const error failure = make_ready(fd, *what)) return failure;
  return what;
}

}  // namespace drywire
