#include "socket_signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace drywire {

socket_signals::~socket_signals() {
  for (int number = 1; !inbox_.empty(); ++number) inbox_.remove(number);
  close();
}

error socket_signals::add(int signal_number, signal_handler& handler) noexcept {
  if (watch_ == nullptr) {
    if (const error failure = open()) return failure;
  }
  const error failure = inbox_.add(signal_number, handler);
  if (inbox_.empty()) close();
  return failure;
}

void socket_signals::remove(int signal_number) noexcept {
  inbox_.remove(signal_number);
  if (inbox_.empty()) close();
}

error socket_signals::open() noexcept {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return error(errno);
  descriptor read_end(ends[0]);
  descriptor write_end(ends[1]);
  const result<socket_watch*> made = loop_.watch(ends[0], *this);
  if (!made) return made.error();
  watch_ = *made;
  read_fd_ = read_end.release();
  write_end_ = std::move(write_end);
  watch_->await_readable(socket_watch::seen::may_have_more);
  return {};
}

void socket_signals::close() noexcept {
  if (watch_ != nullptr) std::exchange(watch_, nullptr)->close();
  write_end_.close();
}

// A full pipe wakes the loop as well.
void socket_signals::wake_from_signal() noexcept {
  const int saved = errno;
  constexpr char byte = 0;
  (void)!::write(write_end_.get(), &byte, 1);
  errno = saved;
}

// What comes after the read is found by the next wait.
void socket_signals::on_readable() noexcept {
  std::array<char, 256> bytes;  // NOLINT(*-member-init): only how many they are matters
  (void)!::read(read_fd_, bytes.data(), bytes.size());
  watch_->await_readable(socket_watch::seen::may_have_more);
  inbox_.deliver();
}

}  // namespace drywire
