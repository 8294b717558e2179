// A peer of `./dev bench ws`: a WebSocket echo on epoll with nothing in between, as one would write
// it by hand for this benchmark alone. Frames are answered in the memory that they came in, as they
// come, whole or not. No limits, no timeouts, no UTF-8, no control frames.
//
//   bench_ws_epoll        prints "listening on 127.0.0.1:PORT"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using byte = unsigned char;

// SHA-1 of a text of up to 119 bytes, in base64.
std::string accept_of(std::string text) {
  const std::uint64_t bits = text.size() * 8;
  text += '\x80';
  while (text.size() % 64 != 56) text += '\0';
  for (int i = 56; i >= 0; i -= 8) text += static_cast<char>(bits >> i);
  std::array<std::uint32_t, 5> h{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t block = 0; block < text.size(); block += 64) {
    std::array<std::uint32_t, 80> w;
    for (std::size_t i = 0; i < 80; ++i) {
      if (i < 16) {
        std::memcpy(&w[i], &text[block + 4 * i], 4);
        w[i] = ntohl(w[i]);
      } else {
        w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
      }
    }
    auto [a, b, c, d, e] = h;
    for (std::size_t i = 0; i < 80; ++i) {
      const std::uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                              : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                              : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                       : (b ^ c ^ d) + 0xCA62C1D6;
      const std::uint32_t next = std::rotl(a, 5) + f + e + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  std::string encoded;
  const auto bit = [&](std::size_t i) { return i < 160 ? h[i / 32] >> (31 - i % 32) & 1 : 0; };
  for (std::size_t i = 0; i < 160; i += 6) {
    std::size_t digit = 0;
    for (std::size_t k = 0; k < 6; ++k) digit = digit << 1 | bit(i + k);
    encoded += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[digit];
  }
  return encoded + '=';
}

struct connection {
  int fd;
  bool open = false;             // behind the handshake
  std::string kept = {};         // the request, or the part of a frame header that has come
  std::string unsent = {};       // what the system didn't take; nothing is read meanwhile
  std::uint64_t left = 0;        // of a frame's payload
  std::array<byte, 4> key = {};  // turned so that key[0] is for the next byte
};

constexpr std::size_t front = 16;  // room for a header that was kept
std::array<byte, front + 256 * 1024> memory;

int poll;

void watch(connection& c, int how, unsigned events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &c;
  epoll_ctl(poll, how, c.fd, &event);
}

void unmask(const byte* from, byte* to, std::size_t size, std::array<byte, 4>& key) {
  std::uint32_t word = 0;
  std::memcpy(&word, key.data(), 4);
  const std::uint64_t wide = std::uint64_t{word} << 32 | word;
  std::size_t i = 0;
  if (from == to) {  // without overlap the compiler makes vectors of it
    for (; i + 8 <= size; i += 8) {
      std::uint64_t value = 0;
      std::memcpy(&value, to + i, 8);
      value ^= wide;
      std::memcpy(to + i, &value, 8);
    }
  }
  for (; i + 8 <= size; i += 8) {
    std::uint64_t value = 0;
    std::memcpy(&value, from + i, 8);
    value ^= wide;
    std::memcpy(to + i, &value, 8);
  }
  for (; i < size; ++i) to[i] = from[i] ^ key[i % 4];
  word = std::rotr(word, static_cast<int>(size % 4 * 8));
  std::memcpy(key.data(), &word, 4);
}

// Bytes of the header at `at`; 0 while some are missing.
std::size_t read_header(connection& c, const byte* at, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t wide = (at[1] & 0x7f) == 127 ? 8 : (at[1] & 0x7f) == 126 ? 2 : 0;
  if (size < 6 + wide) return 0;
  c.left = wide == 0 ? at[1] & 0x7f : 0;
  for (std::size_t i = 0; i < wide; ++i) c.left = c.left << 8 | at[2 + i];
  std::memcpy(c.key.data(), at + 2 + wide, 4);
  return 6 + wide;
}

// Turns frames into their answers, which are shorter, and returns where those are. The first one
// stays where it is, so that only the ones behind it move.
std::string_view answer(connection& c, byte* at, byte* end) {
  byte* const first = at;
  byte* begin = nullptr;  // of the answers; `to` is their end
  byte* to = nullptr;
  while (at != end) {
    if (c.left == 0) {
      const std::size_t header = read_header(c, at, static_cast<std::size_t>(end - at));
      if (header == 0) {
        c.kept.assign(reinterpret_cast<char*>(at), static_cast<std::size_t>(end - at));
        break;
      }
      if (begin == nullptr) begin = to = at + 4;
      const byte opcode = at[0];
      const byte length = at[1] & 0x7f;
      if (header > 6) std::memmove(to + 2, at + 2, header - 6);
      to[0] = opcode, to[1] = length;
      to += header - 4;
      at += header;
    }
    if (begin == nullptr) begin = to = at;
    const auto have = static_cast<std::size_t>(end - at);
    const std::size_t n = have < c.left ? have : static_cast<std::size_t>(c.left);
    unmask(at, to, n, c.key);
    at += n, to += n, c.left -= n;
  }
  if (begin == nullptr) begin = to = first;
  return {reinterpret_cast<char*>(begin), static_cast<std::size_t>(to - begin)};
}

std::string_view answer_request(connection& c, std::string_view bytes) {
  static std::string head;
  c.kept += bytes;
  if (!c.kept.ends_with("\r\n\r\n")) return {};
  const std::string_view field = "Sec-WebSocket-Key: ";
  const std::string value = c.kept.substr(c.kept.find(field) + field.size(), 24);
  head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  head += "Sec-WebSocket-Accept: " + accept_of(value + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  head += "\r\n\r\n";
  c.kept.clear();
  c.open = true;
  return head;
}

bool send_all(connection& c, std::string_view bytes) {
  if (bytes.empty()) return true;
  const ssize_t n = send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) return false;
  const std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  if (sent == bytes.size()) return true;
  c.unsent.assign(bytes.substr(sent));
  watch(c, EPOLL_CTL_MOD, EPOLLOUT);
  return true;
}

bool read(connection& c) {
  byte* begin = memory.data() + front;
  const ssize_t n = recv(c.fd, begin, memory.size() - front, 0);
  if (n < 0) return errno == EAGAIN;
  if (n == 0) return false;
  byte* const end = begin + n;
  if (!c.open)
    return send_all(
        c, answer_request(c, {reinterpret_cast<char*>(begin), static_cast<std::size_t>(n)}));
  begin -= c.kept.size();
  std::memcpy(begin, c.kept.data(), c.kept.size());
  c.kept.clear();
  return send_all(c, answer(c, begin, end));
}

bool write(connection& c) {
  const ssize_t n = send(c.fd, c.unsent.data(), c.unsent.size(), MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN;
  c.unsent.erase(0, static_cast<std::size_t>(n));
  if (c.unsent.empty()) watch(c, EPOLL_CTL_MOD, EPOLLIN);
  return true;
}

void accept_all(int listener) {
  for (int fd = 0; (fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(*new connection{fd}, EPOLL_CTL_ADD, EPOLLIN);
  }
}

}  // namespace

int main() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in where{};
  socklen_t size = sizeof where;
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&where), size) != 0) return 1;
  if (listen(listener, 1024) != 0) return 1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size);
  std::printf("listening on 127.0.0.1:%d\n", ntohs(where.sin_port));
  std::fflush(stdout);
  poll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int n = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      auto* c = static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (c == nullptr) {
        accept_all(listener);
      } else if (!(c->unsent.empty() ? read(*c) : write(*c))) {
        close(c->fd);
        delete c;
      }
    }
  }
}
