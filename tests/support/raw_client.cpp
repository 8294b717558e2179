#include "raw_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace drywire::traffic {

namespace {

using clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(30);

int connected(std::uint16_t port) {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  if (s < 0 || ::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    const int why = errno;
    ::close(s);
    throw std::runtime_error(std::string("connect: ") + std::strerror(why));
  }
  const int on = 1;
  ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const timeval limit{patience.count(), 0};
  ::setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  return s;
}

class talker {
 public:
  talker(std::uint16_t port, const std::vector<step>& script)
      : socket_(connected(port)), step_(script.begin()), end_(script.end()) {}
  talker(const talker&) = delete;
  talker& operator=(const talker&) = delete;
  ~talker() { ::close(socket_); }

  conversation go() {
    const auto deadline = clock::now() + patience;
    while (!over_ && clock::now() < deadline) {
      act();
      if (!over_) wait(deadline);
    }
    return std::move(talk_);
  }

 private:
  // As much of the script as is possible now.
  void act() {
    while (!over_ && step_ != end_ && clock::now() >= not_before_) {
      switch (step_->what) {
        case step::kind::send:
          if (!send_some(step_->bytes.size())) return;
          break;
        case step::kind::send_slowly:
          if (!send_some(1)) return;
          not_before_ = clock::now() + std::chrono::milliseconds(step_->pause_ms);
          break;
        case step::kind::half_close: ::shutdown(socket_, SHUT_WR); break;
        case step::kind::stop_reading: reading_ = false; break;
        case step::kind::read_again: reading_ = true; break;
        case step::kind::reset: return reset();
      }
      if (sent_ < step_->bytes.size()) continue;
      sent_ = 0;
      ++step_;
    }
  }

  // False when the socket is full. A server that has gone is noticed by reading.
  bool send_some(std::size_t most) {
    const std::size_t left = step_->bytes.size() - sent_;
    const ssize_t n = ::send(socket_, step_->bytes.data() + sent_, std::min(left, most),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return false;
    sent_ += n < 0 ? left : static_cast<std::size_t>(n);
    return true;
  }

  void wait(clock::time_point deadline) {
    const bool full = step_ != end_ && clock::now() >= not_before_;
    const auto until = step_ != end_ && !full ? std::min(not_before_, deadline) : deadline;
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    const int events = (reading_ ? POLLIN : 0) | (full ? POLLOUT : 0);
    pollfd p{socket_, static_cast<short>(events), 0};
    ::poll(&p, 1, static_cast<int>(std::max<std::int64_t>(ms, 0)));
    if (reading_ && p.revents != 0) {
      receive();
    } else if ((p.revents & (POLLERR | POLLHUP)) != 0) {
      finish(conversation::end::reset);
    }
  }

  void receive() {
    char block[65536];
    const ssize_t n = ::recv(socket_, block, sizeof(block), MSG_DONTWAIT);
    if (n > 0) {
      talk_.received.append(block, static_cast<std::size_t>(n));
    } else if (n == 0) {
      finish(conversation::end::closed);
    } else if (errno != EAGAIN) {
      finish(conversation::end::reset);
    }
  }

  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    finish(conversation::end::abandoned);
  }

  void finish(conversation::end how) {
    talk_.how = how;
    over_ = true;
  }

  int socket_;
  std::vector<step>::const_iterator step_;
  std::vector<step>::const_iterator end_;
  std::size_t sent_ = 0;  // of this step's bytes
  clock::time_point not_before_ = clock::now();
  bool reading_ = true;
  bool over_ = false;
  conversation talk_;
};

}  // namespace

const char* to_string(conversation::end how) noexcept {
  switch (how) {
    case conversation::end::closed: return "closed";
    case conversation::end::reset: return "reset";
    case conversation::end::abandoned: return "abandoned";
    case conversation::end::late: return "still open";
  }
  return "?";
}

conversation converse(std::uint16_t port, const std::vector<step>& script) {
  return talker(port, script).go();
}

std::vector<unsigned> statuses_in(const std::string& received) {
  static const std::string version = "HTTP/1.1 ";
  std::vector<unsigned> all;
  for (std::size_t at = 0; (at = received.find(version, at)) != std::string::npos;) {
    at += version.size();
    all.push_back(static_cast<unsigned>(std::strtoul(received.c_str() + at, nullptr, 10)));
  }
  return all;
}

// raw_connection

raw_connection::raw_connection(std::uint16_t port) : socket_(connected(port)) {}
raw_connection::~raw_connection() { ::close(socket_); }

bool raw_connection::send(const std::string& bytes) noexcept {
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool raw_connection::read_until(const std::string& last) {
  while (!received_.ends_with(last) && read_some() > 0) {
  }
  return received_.ends_with(last);
}

bool raw_connection::read_to_end() {
  long n = 0;
  do {
    n = read_some();
  } while (n > 0);
  return n == 0;
}

std::string raw_connection::take() { return std::exchange(received_, {}); }

long raw_connection::read_some() {
  char block[16384];
  const ssize_t n = ::recv(socket_, block, sizeof(block), 0);
  if (n > 0) received_.append(block, static_cast<std::size_t>(n));
  return n;
}

bool bystander::is_served() {
  static_cast<void>(connection_.send("GET /hello.txt HTTP/1.1\r\nHost: bystander\r\n\r\n"));
  const bool complete = connection_.read_until("\r\n\r\nhello\n");
  return connection_.take().starts_with("HTTP/1.1 200 ") && complete;
}

}  // namespace drywire::traffic
