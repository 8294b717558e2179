// The client's side of WebSocket (RFC 6455) as the load programs need it: an opening handshake on a
// blocking socket, and frame headers. Whatever isn't as expected ends the program.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace wire {

[[noreturn]] inline void die(std::string_view what) {
  std::fprintf(stderr, "ws load: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

constexpr std::array<unsigned char, 4> key{0x37, 0xfa, 0x21, 0x3d};  // that of every frame
constexpr std::size_t client_header_bytes_max = 14;

/// Writes the header of a masked frame to `to`; returns its bytes.
inline std::size_t write_header(unsigned char* to, unsigned first_byte, std::uint64_t length) {
  std::size_t size = 0;
  const auto put = [&](std::uint64_t value) { to[size++] = static_cast<unsigned char>(value); };
  put(first_byte);
  const int bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  put(0x80 | (bytes == 0 ? length : bytes == 2 ? 126 : 127));
  for (int i = bytes - 1; i >= 0; --i) put(length >> (8 * i));
  for (const unsigned char byte : key) put(byte);
  return size;
}

/// The header of an unmasked frame, which comes in portions.
class header_reader {
 public:
  /// Takes what it needs from the front of `bytes`. True: the header is complete.
  bool feed(const unsigned char*& bytes, const unsigned char* end) {
    while (size_ < needed() && bytes != end) bytes_[size_++] = *bytes++;
    return size_ == needed();
  }
  void reset() { size_ = 0; }

  [[nodiscard]] bool fin() const { return (bytes_[0] & 0x80) != 0; }
  [[nodiscard]] bool rsv1() const { return (bytes_[0] & 0x40) != 0; }
  [[nodiscard]] unsigned opcode() const { return bytes_[0] & 0x0f; }
  [[nodiscard]] std::uint64_t length() const {
    if (needed() == 2) return bytes_[1] & 0x7f;
    std::uint64_t value = 0;
    for (std::size_t i = 2; i < needed(); ++i) value = value << 8 | bytes_[i];
    return value;
  }

 private:
  [[nodiscard]] std::size_t needed() const {
    if (size_ < 2) return 2;
    if ((bytes_[1] & 0x80) != 0) die("a masked frame from the server");
    return bytes_[1] == 127 ? 10 : bytes_[1] == 126 ? 4 : 2;
  }

  std::array<unsigned char, 10> bytes_{};
  std::size_t size_ = 0;
};

inline int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) die("can't connect");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/// The key and its answer are those of RFC 6455 1.3. Returns the response's head.
inline std::string handshake(int fd, std::string_view path, std::string_view more_fields = {}) {
  std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  request += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  request += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  request.append(more_fields).append("\r\n");
  if (send(fd, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) {
    die("can't send the handshake");
  }
  std::string head;
  for (char byte = 0; !head.ends_with("\r\n\r\n"); head += byte) {
    if (recv(fd, &byte, 1, 0) != 1) die("no answer to the handshake: " + head);
  }
  if (!head.starts_with("HTTP/1.1 101 ")) die("refused: " + head);
  if (head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == head.npos) die("wrong accept: " + head);
  return head;
}

}  // namespace wire
