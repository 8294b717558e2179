// Sockets of the Unix domain leave a file behind, which is in the way of the next one.
#include "bind_socket.hpp"

#include <drywire/loop/socket.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace drywire {

namespace {

// The path of an endpoint, terminated; the address itself may not be.
struct terminated_path {
  explicit terminated_path(const endpoint& where) noexcept {
    if (!where.is_abstract()) where.unix_name().copy(text.data(), text.size() - 1);
  }
  std::array<char, 128> text{};
};

// Not followed when it is a link: bind() doesn't, either.
bool find_socket(const endpoint& where, struct stat& found) noexcept {
  const terminated_path path(where);
  return path.text[0] != '\0' && ::lstat(path.text.data(), &found) == 0 && S_ISSOCK(found.st_mode);
}

bool same_file(const struct stat& file, dev_t device, ino_t inode) noexcept {
  return file.st_dev == device && file.st_ino == inode;
}

error bind_once(int fd, const endpoint& where) noexcept {
  const auto* address = static_cast<const sockaddr*>(where.native());
  const bool bound = ::bind(fd, address, static_cast<socklen_t>(where.native_size())) == 0;
  return bound ? error() : error(errno);
}

// Only a connect tells. Who listens sees a peer that goes at once.
bool is_deserted(int fd, const endpoint& where) noexcept {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
  const descriptor probe(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) return false;
  const auto* address = static_cast<const sockaddr*>(where.native());
  return ::connect(probe.get(), address, static_cast<socklen_t>(where.native_size())) != 0 &&
         errno == ECONNREFUSED;
}

// Two that start at once may both find it deserted: only the very file that was asked is removed.
bool remove_deserted(int fd, const endpoint& where) noexcept {
  struct stat asked {};
  struct stat present {};
  if (!find_socket(where, asked) || !is_deserted(fd, where)) return false;
  if (!find_socket(where, present) || !same_file(present, asked.st_dev, asked.st_ino)) return false;
  return ::unlink(terminated_path(where).text.data()) == 0;
}

}  // namespace

error bind_socket(int fd, const endpoint& where) noexcept {
  const error failure = bind_once(fd, where);
  if (failure == error(EADDRINUSE) && remove_deserted(fd, where)) return bind_once(fd, where);
  return failure;
}

socket_file::socket_file(const endpoint& where) noexcept {
  struct stat found {};
  if (!find_socket(where, found)) return;
  where_ = where;
  device_ = found.st_dev;
  inode_ = found.st_ino;
}

socket_file::socket_file(socket_file&& other) noexcept
    : where_(std::exchange(other.where_, endpoint())),
      device_(other.device_),
      inode_(other.inode_) {}

socket_file& socket_file::operator=(socket_file&& other) noexcept {
  if (this != &other) {
    remove();
    where_ = std::exchange(other.where_, endpoint());
    device_ = other.device_;
    inode_ = other.inode_;
  }
  return *this;
}

void socket_file::remove() noexcept {
  const endpoint where = std::exchange(where_, endpoint());
  struct stat present {};
  if (!find_socket(where, present) || !same_file(present, device_, inode_)) return;
  ::unlink(terminated_path(where).text.data());
}

}  // namespace drywire
