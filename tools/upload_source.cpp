#include "upload_source.hpp"

#include "failure.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace drywire::tools {

namespace {

ssize_t read_some(int fd, mutable_bytes to) noexcept {
  ssize_t n = 0;
  do {
    n = ::read(fd, to.data(), to.size());
  } while (n < 0 && errno == EINTR);
  return n;
}

failure trouble(const std::string& what) { return failure(what + ": " + std::strerror(errno)); }

}  // namespace

upload open_upload(const std::string& path, const loop_remote& loop) {
  const std::string name = path == "-" ? "standard input" : path;
  descriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                              : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat s {};
  if (!file || ::fstat(file.get(), &s) != 0) throw trouble(name);
  if (S_ISDIR(s.st_mode)) throw failure(name + ": is a folder");
  if (S_ISREG(s.st_mode)) {
    const off_t at = ::lseek(file.get(), 0, SEEK_CUR);
    if (at < 0) throw trouble(name);
    const auto left = static_cast<std::uint64_t>(std::max<off_t>(s.st_size - at, 0));
    return {std::make_unique<whole_file>(std::move(file), static_cast<std::uint64_t>(at), left),
            left};
  }
  auto slow = std::make_unique<slow_input>(std::move(file), loop);
  slow_input* const source = slow.get();
  return {std::move(slow), {}, source};
}

http1::body_source::result whole_file::pull(mutable_bytes to) noexcept {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), size_ - given_));
  if (wanted == 0) return {0, state::end};
  const ssize_t n = ::pread(file_.get(), to.data(), wanted, static_cast<off_t>(begin_ + given_));
  if (n <= 0) return {0, state::failed};
  given_ += static_cast<std::uint64_t>(n);
  return {static_cast<std::size_t>(n), given_ == size_ ? state::end : state::more};
}

bool whole_file::rewind() noexcept {
  given_ = 0;
  return true;
}

slow_input::slow_input(descriptor file, loop_remote loop)
    : file_(std::move(file)), loop_(std::move(loop)) {
  thread_ = std::thread([this] { read_all(); });
}

slow_input::~slow_input() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  bytes_.stop();
  emptied_.notify_one();
  thread_.join();
}

http1::body_source::result slow_input::pull(mutable_bytes to) noexcept {
  const std::lock_guard lock(mutex_);
  switch (what_) {
    case holds::nothing: wanted_ = true; return {0, state::later};
    case holds::end: return {0, state::end};
    case holds::failure: return {0, state::failed};
    case holds::bytes: break;
  }
  const std::size_t n = std::min(to.size(), end_ - begin_);
  std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(begin_), n, to.begin());
  begin_ += n;
  if (begin_ == end_) {
    what_ = holds::nothing;
    emptied_.notify_one();
  }
  return {n, state::more};
}

// The thread.
void slow_input::read_all() noexcept {
  while (bytes_.wait(file_.get(), POLLIN)) {
    const ssize_t n = read_some(file_.get(), block_);
    if (n < 0 && errno == EAGAIN) continue;
    std::unique_lock lock(mutex_);
    what_ = n > 0 ? holds::bytes : n == 0 ? holds::end : holds::failure;
    begin_ = 0;
    end_ = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    if (wanted_) {
      wanted_ = false;
      loop_.post([ready = ready_] { (*ready)(); });
    }
    if (n <= 0) return;
    emptied_.wait(lock, [this] { return what_ == holds::nothing || stopping_; });
    if (stopping_) return;
  }
}

}  // namespace drywire::tools
