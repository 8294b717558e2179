// http1::server on nothing but poll(2): the whole driver of docs/driving.md in one small file.
//
//   poll_server PORT      (0: a free one; it is printed)
#include "hello.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

using drywire::ending;

struct connection {
  connection(int socket, drywire::storage& memory) : fd(socket), machine(memory) {
    machine.advance(hello::clocks());
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { close(fd); }

  int fd;
  drywire::http1::server machine;
  std::vector<std::byte> kept;  // not consumed yet: offered again
  bool eof = false;
  bool blocked = false;  // the socket is full
};

// Writes what there is. False when nothing left.
bool write_output(connection& c) {
  const drywire::output_view view = c.machine.output(256 * 1024);
  if (view.empty()) return false;
  std::array<iovec, 64> pieces;
  std::ranges::transform(view.pieces, pieces.begin(), [](drywire::const_bytes b) {
    return iovec{const_cast<std::byte*>(b.data()), b.size()};
  });
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = view.pieces.size();
  const ssize_t sent = view.pieces.empty() ? 0 : sendmsg(c.fd, &message, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) c.machine.receive_eof(false);
  const std::size_t written = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  c.blocked = written < view.size();
  const bool fin = view.fin && !c.blocked;
  c.machine.consume_output(written);
  if (fin) shutdown(c.fd, SHUT_WR);
  return written != 0;
}

// Events and output in turn, until neither makes the other possible any more.
void drain(connection& c) {
  bool more = true;
  while (more) {
    auto cursor = c.machine.receive(c.blocked ? drywire::mutable_bytes{} : c.kept);
    bool event_came = false;
    while (auto event = cursor.next()) {
      event_came = true;
      hello::on_event(c.machine, *event);
    }
    more = write_output(c) || (event_came && !c.blocked);
    // Lent bytes are about to die.
    if (c.machine.retain_output() != drywire::errc::ok) static_cast<void>(c.machine.abort());
    c.kept.erase(c.kept.begin(), c.kept.begin() + static_cast<std::ptrdiff_t>(cursor.consumed()));
    if (c.eof && c.kept.empty()) {
      c.eof = false;
      c.machine.receive_eof(true);
      more = true;
    }
  }
}

void read_input(connection& c) {
  std::array<std::byte, 16 * 1024> bytes;
  const ssize_t n = recv(c.fd, bytes.data(), bytes.size(), 0);
  if (n > 0) c.kept.insert(c.kept.end(), bytes.begin(), bytes.begin() + n);
  if (n == 0) c.eof = true;
  if (n < 0 && errno != EAGAIN && errno != EINTR) c.machine.receive_eof(false);
}

bool over(const connection& c) {
  return c.machine.ending() == ending::reset ||
         (c.machine.ending() == ending::close && c.machine.queued() == 0);
}

short interest(const connection& c) {
  const bool read = c.machine.wants_input() && c.kept.size() < drywire::kept_bytes_max;
  return static_cast<short>((read ? POLLIN : 0) | (c.blocked ? POLLOUT : 0));
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* address = reinterpret_cast<sockaddr*>(&where);
  if (bind(fd, address, size) != 0 || listen(fd, 128) != 0) {
    std::perror("poll_server");
    std::exit(1);
  }
  getsockname(fd, address, &size);
  std::printf("listening on 127.0.0.1:%d\n", ntohs(where.sin_port));
  std::fflush(stdout);
  return fd;
}

// Milliseconds until the first deadline, rounded up; -1 when there is none.
int wait_for(const std::vector<std::unique_ptr<connection>>& all, drywire::instant now) {
  auto first = drywire::instant::never();
  for (const auto& c : all) first = std::min(first, c->machine.deadline());
  if (first == drywire::instant::never()) return -1;
  const auto left = std::max<std::int64_t>((first - now).nanoseconds, 0);
  return static_cast<int>(std::min<std::int64_t>(left / 1'000'000 + 1, 60'000));
}

}  // namespace

int main(int argc, char** argv) {
  hello::blocks memory;
  const int listener = listen_on(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8080));
  std::vector<std::unique_ptr<connection>> all;
  for (;;) {
    std::vector<pollfd> polled{{listener, POLLIN, 0}};
    for (const auto& c : all) polled.push_back({c->fd, interest(*c), 0});
    if (poll(polled.data(), polled.size(), wait_for(all, hello::clocks().steady)) < 0) continue;

    for (std::size_t i = 0; i < all.size(); ++i) {
      connection& c = *all[i];
      c.machine.advance(hello::clocks());
      if ((polled[i + 1].revents & POLLOUT) != 0) c.blocked = false;
      if ((polled[i + 1].revents & ~POLLOUT) != 0) read_input(c);
      drain(c);
    }
    std::erase_if(all, [](const auto& c) { return over(*c); });
    if (polled[0].revents != 0) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) all.push_back(std::make_unique<connection>(fd, memory));
    }
  }
}
