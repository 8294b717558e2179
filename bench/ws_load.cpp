// The load of `./dev bench ws`: many connections that each keep some messages under way, binary, in
// one frame each, to a server that echoes them. Every byte that comes back is compared, and no two
// messages of a connection that are near each other are equal, so one that is lost, repeated or out
// of order is noticed. Prints the server's CPU time a message in microseconds, messages a second,
// and how much of the time the server was busy, as a fraction.
//
//   bench_ws_load PORT PID CONNECTIONS BYTES IN_FLIGHT SECONDS
#include "ws_wire.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace {

using wire::die;
using bytes = std::vector<unsigned char>;
using clock_type = std::chrono::steady_clock;

// What all messages are cut from. Message k begins at a place that is a multiple of the key's size,
// so that the same bytes, masked once, do for all frames.
class pattern {
 public:
  explicit pattern(std::size_t size) : size_(size) {
    std::uint64_t state = 88172645463325252;
    for (std::size_t i = 0; i < places * step + size; ++i) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      plain_.push_back(static_cast<unsigned char>(state));
      masked_.push_back(plain_.back() ^ wire::key[i % wire::key.size()]);
    }
    unsigned char header[wire::client_header_bytes_max];
    header_.assign(header, header + wire::write_header(header, 0x82, size));
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t frame_size() const { return header_.size() + size_; }
  [[nodiscard]] const bytes& header() const { return header_; }
  [[nodiscard]] const unsigned char* plain(std::uint64_t k) const { return &plain_[place(k)]; }
  [[nodiscard]] const unsigned char* masked(std::uint64_t k) const { return &masked_[place(k)]; }

 private:
  static constexpr std::size_t places = 509, step = 8;
  static std::size_t place(std::uint64_t k) { return k % places * step; }

  std::size_t size_;
  bytes header_, plain_, masked_;
};

class peer {
 public:
  peer(const pattern& messages, std::uint16_t port, std::uint64_t in_flight)
      : messages_(messages), in_flight_(in_flight), fd_(wire::connect_to(port)) {
    wire::handshake(fd_, "/ws");
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

  // All that may be under way now. Whether all of it was taken.
  bool write() {
    const std::uint64_t goal = (received_ + in_flight_) * messages_.frame_size();
    while (written_ < goal) {
      const ssize_t n = messages_.size() <= small ? write_copies(goal) : write_one();
      if (n < 0 && errno == EAGAIN) return false;
      if (n <= 0) die("can't send");
      written_ += static_cast<std::uint64_t>(n);
    }
    return true;
  }

  void read() {
    static bytes buffer(256 * 1024);
    const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("the server has gone");
    const unsigned char* at = buffer.data();
    const unsigned char* const end = at + n;
    while (at != end) take_frame(at, end);
  }

 private:
  static constexpr std::size_t small = 4096;

  // Our output is one stream that is known beforehand: frame k is at k times its size.
  ssize_t write_copies(std::uint64_t goal) {
    static bytes copies(64 * 1024);
    const std::size_t frame_size = messages_.frame_size(), header = messages_.header().size();
    const std::size_t skipped = written_ % frame_size;
    const std::uint64_t first = written_ / frame_size;
    const std::uint64_t frames =
        std::min<std::uint64_t>(goal / frame_size - first, copies.size() / frame_size);
    unsigned char* to = copies.data();
    for (std::uint64_t k = first; k < first + frames; ++k, to += frame_size) {
      std::memcpy(to, messages_.header().data(), header);
      std::memcpy(to + header, messages_.masked(k), messages_.size());
    }
    return send(fd_, copies.data() + skipped, frames * frame_size - skipped, MSG_NOSIGNAL);
  }

  ssize_t write_one() {
    const bytes& header = messages_.header();
    const std::size_t skipped = written_ % messages_.frame_size();
    const std::size_t of_header = std::min(skipped, header.size());
    const std::size_t of_payload = skipped - of_header;
    const unsigned char* payload = messages_.masked(written_ / messages_.frame_size());
    const auto piece = [](const unsigned char* from, std::size_t size) {
      return iovec{const_cast<unsigned char*>(from), size};
    };
    std::array<iovec, 2> pieces{piece(header.data() + of_header, header.size() - of_header),
                                piece(payload + of_payload, messages_.size() - of_payload)};
    msghdr all{};
    all.msg_iov = pieces.data();
    all.msg_iovlen = pieces.size();
    return sendmsg(fd_, &all, MSG_NOSIGNAL);
  }

  // A server may cut an echo into frames as it likes.
  void take_frame(const unsigned char*& at, const unsigned char* end) {
    if (!in_payload_) {
      if (!header_.feed(at, end)) return;
      if (header_.opcode() != (position_ == 0 && !fragmented_ ? 2 : 0)) die("a wrong opcode");
      if (header_.rsv1()) die("a compressed frame");
      left_ = header_.length();
      if (position_ + left_ > messages_.size()) die("a message that is too long");
      in_payload_ = true;
    }
    const auto n = static_cast<std::size_t>(std::min(left_, static_cast<std::uint64_t>(end - at)));
    if (std::memcmp(at, messages_.plain(received_) + position_, n) != 0) die("a wrong byte");
    at += n, left_ -= n, position_ += n;
    if (left_ == 0) end_frame();
  }

  void end_frame() {
    in_payload_ = false;
    fragmented_ = !header_.fin();
    if (header_.fin()) {
      if (position_ != messages_.size()) die("a message that is too short");
      position_ = 0;
      ++received_;
    }
    header_.reset();
  }

  const pattern& messages_;
  std::uint64_t in_flight_;
  int fd_;
  std::uint64_t written_ = 0;   // bytes
  std::uint64_t received_ = 0;  // messages
  wire::header_reader header_;
  bool in_payload_ = false, fragmented_ = false;
  std::uint64_t left_ = 0;    // of the frame
  std::size_t position_ = 0;  // in the message
};

// Seconds of CPU that a process has used, in its own code and in the system.
double cpu_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string text;
  std::getline(file, text);
  if (text.empty()) die("no process " + pid);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class load {
 public:
  load(const pattern& messages, std::uint16_t port, int connections, std::uint64_t in_flight) {
    peers_.reserve(static_cast<std::size_t>(connections));
    for (int i = 0; i < connections; ++i) {
      peers_.emplace_back(messages, port, in_flight);
      watch(peers_.back(), EPOLL_CTL_ADD, EPOLLIN);
    }
    for (peer& p : peers_) serve(p, true);
  }

  void run(std::chrono::duration<double> time) {
    const auto end = clock_type::now() + time;
    std::array<epoll_event, 256> events;
    while (clock_type::now() < end) {
      const int n = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 1000);
      if (n == 0) die("nothing came for a second");
      for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto& p = *static_cast<peer*>(event.data.ptr);
        if ((event.events & ~EPOLLOUT) != 0) p.read();
        serve(p, (event.events & EPOLLOUT) == 0);
      }
    }
  }

  [[nodiscard]] std::uint64_t received() const {
    std::uint64_t sum = 0;
    for (const peer& p : peers_) sum += p.received();
    return sum;
  }

 private:
  // `was_free`: it wasn't watched for room to write.
  void serve(peer& p, bool was_free) {
    const bool free = p.write();
    if (free != was_free) watch(p, EPOLL_CTL_MOD, free ? EPOLLIN : EPOLLIN | EPOLLOUT);
  }

  void watch(peer& p, int how, unsigned events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &p;
    epoll_ctl(poll_, how, p.fd(), &event);
  }

  int poll_ = epoll_create1(0);
  std::vector<peer> peers_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  const std::string pid = argv[2];
  const pattern messages(number(4));
  load all(messages, static_cast<std::uint16_t>(number(1)), static_cast<int>(number(3)), number(5));
  all.run(std::chrono::milliseconds(300));  // warm-up

  const auto from = clock_type::now();
  const double cpu_before = cpu_of(pid);
  const std::uint64_t before = all.received();
  all.run(std::chrono::duration<double>(std::atof(argv[6])));
  const double seconds = std::chrono::duration<double>(clock_type::now() - from).count();
  const double cpu = cpu_of(pid) - cpu_before;
  const auto count = static_cast<double>(all.received() - before);
  std::printf("%.4f %.0f %.2f\n", cpu * 1e6 / count, count / seconds, cpu / seconds);
}
