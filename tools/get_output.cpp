#include "get_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace drywire::tools {

std::uint64_t get_output::present() const noexcept {
  struct stat s {};
  if (path_.empty() || ::stat(path_.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return 0;
  return static_cast<std::uint64_t>(s.st_size);
}

bool get_output::begin(std::uint64_t offset) noexcept {
  if (path_.empty()) return true;
  file_ = descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!file_) return fail();
  struct stat s {};
  if (::fstat(file_.get(), &s) != 0) return fail();
  if (!S_ISREG(s.st_mode)) return true;  // a device or a FIFO has no length to cut off
  const auto at = static_cast<off_t>(offset);
  return (::ftruncate(file_.get(), at) == 0 && ::lseek(file_.get(), at, SEEK_SET) == at) || fail();
}

bool get_output::write(const_bytes bytes) noexcept {
  if (why_) return false;
  const int fd = path_.empty() ? STDOUT_FILENO : file_.get();
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      written_ += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {  // somebody made it non-blocking
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return fail();
    }
  }
  return true;
}

bool get_output::fail() noexcept {
  why_ = error(errno);
  return false;
}

}  // namespace drywire::tools
