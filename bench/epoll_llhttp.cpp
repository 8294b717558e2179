// The peer of `./dev bench http`: epoll and llhttp with nothing in between, as one would write it
// by hand for this benchmark alone. No limits, no timeouts, no Date, one fixed answer.
//
//   bench_epoll_llhttp PORT
#include <arpa/inet.h>
#include <llhttp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";

struct connection {
  int fd;
  llhttp_t parser;
  std::string output;
};

int on_message_complete(llhttp_t* parser) {
  static_cast<connection*>(parser->data)->output += answer;
  return 0;
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t all = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_message_complete = on_message_complete;
    return s;
  }();
  return all;
}

void accept_all(int listener, int poll) {
  for (int fd = 0; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto* c = new connection{fd, {}, {}};
    llhttp_init(&c->parser, HTTP_REQUEST, &settings());
    c->parser.data = c;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = c;
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
}

void serve(connection& c) {
  static std::array<char, 64 * 1024> bytes;
  const ssize_t n = recv(c.fd, bytes.data(), bytes.size(), 0);
  bool open = n > 0;
  if (open) {
    open = llhttp_execute(&c.parser, bytes.data(), static_cast<std::size_t>(n)) == HPE_OK;
    const auto size = static_cast<ssize_t>(c.output.size());
    open = open && send(c.fd, c.output.data(), c.output.size(), MSG_NOSIGNAL) == size;
    c.output.clear();
  }
  if (open) return;
  close(c.fd);
  delete &c;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) return 1;
  if (listen(listener, 1024) != 0) return 1;
  const int poll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int n = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      auto* c = static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (c == nullptr) {
        accept_all(listener, poll);
      } else {
        serve(*c);
      }
    }
  }
}
