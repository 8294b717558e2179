// One WebSocket message of any size through an echo, both directions at once, and what the server
// held meanwhile: it should be a server that nobody has spoken to yet. Every byte depends on its
// position and is compared. Prints seconds, megabytes a second, and by how many KiB the server's
// most resident memory was above what it had before.
//
//   bench_ws_large PORT PID PATH MIB frame|fragments plain|deflate
#include "ws_wire.hpp"

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <span>
#include <thread>
#include <vector>

namespace {

using wire::die;
using bytes = std::span<unsigned char>;

constexpr std::size_t piece_size = 64 * 1024;

// ASCII, so that it may be sent as text; a hash in half of each line of 16 bytes, so that it gets
// smaller by deflate, but not by much.
class pattern {
 public:
  void write(bytes to) {
    for (std::size_t i = 0; i < to.size(); i += 16, ++line_) {
      std::uint64_t hash = (line_ + 1) * 0x9E3779B97F4A7C15;
      hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93;
      std::memcpy(&to[i], "xxxxxxxx drywire", 16);
      for (std::size_t k = 0; k < 8; ++k) {
        to[i + k] = static_cast<unsigned char>("0123456789abcdef"[hash >> (60 - 4 * k) & 15]);
      }
    }
  }

 private:
  std::uint64_t line_ = 0;
};

// The payload of our message, piece by piece.
class payload {
 public:
  payload(std::uint64_t size, bool compressed) : left_(size), compressed_(compressed) {
    if (deflateInit2(&zlib_, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) die("zlib");
  }
  ~payload() { deflateEnd(&zlib_); }
  payload(const payload&) = delete;
  payload& operator=(const payload&) = delete;

  // Empty behind the last one.
  bytes next() { return compressed_ ? next_compressed() : next_plain(); }

  static std::uint64_t total(std::uint64_t size, bool compressed) {
    if (!compressed) return size;
    payload all(size, true);
    std::uint64_t sum = 0;
    for (bytes piece = all.next(); !piece.empty(); piece = all.next()) sum += piece.size();
    return sum;
  }

 private:
  bytes next_plain() {
    const bytes piece = bytes(plain_).first(std::min<std::uint64_t>(left_, plain_.size()));
    pattern_.write(piece);
    left_ -= piece.size();
    return piece;
  }

  // RFC 7692 7.2.1: the flush's last four bytes, 00 00 FF FF, don't leave. So the end of each
  // piece is kept until it is known that more follows.
  bytes next_compressed() {
    std::memmove(deflated_.data(), deflated_.data() + end_, kept_);
    zlib_.next_out = deflated_.data() + kept_;
    zlib_.avail_out = static_cast<uInt>(deflated_.size() - kept_);
    while (zlib_.avail_out != 0 && !over_) {
      if (zlib_.avail_in == 0 && left_ != 0) {
        const bytes piece = next_plain();
        zlib_.next_in = piece.data();
        zlib_.avail_in = static_cast<uInt>(piece.size());
      }
      deflate(&zlib_, left_ == 0 ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      over_ = left_ == 0 && zlib_.avail_in == 0 && zlib_.avail_out != 0;
    }
    end_ = static_cast<std::size_t>(zlib_.next_out - deflated_.data()) - 4;
    kept_ = 4;
    return bytes(deflated_).first(end_);
  }

  std::uint64_t left_;  // of the plain message
  bool compressed_, over_ = false;
  std::size_t end_ = 0, kept_ = 0;
  pattern pattern_;
  z_stream zlib_{};
  std::array<unsigned char, piece_size> plain_, deflated_;
};

void send_all(int fd, bytes all) {
  while (!all.empty()) {
    const ssize_t n = send(fd, all.data(), all.size(), MSG_NOSIGNAL);
    if (n <= 0) die("can't send");
    all = all.subspan(static_cast<std::size_t>(n));
  }
}

void send_frame_header(int fd, unsigned first_byte, std::uint64_t length) {
  std::array<unsigned char, wire::client_header_bytes_max> header{};
  send_all(fd, bytes(header).first(wire::write_header(header.data(), first_byte, length)));
}

// `total`: bytes of the payload, if it is one frame; else 0.
void send_message(int fd, std::uint64_t size, std::uint64_t total, bool compressed) {
  const bool fragments = total == 0;
  payload message(size, compressed);
  const unsigned first = 0x01 | (compressed ? 0x40 : 0);  // text, RSV1
  if (!fragments) send_frame_header(fd, 0x80 | first, total);
  std::size_t offset = 0;  // in the frame
  for (bool begun = false;; begun = true) {
    const bytes piece = message.next();
    if (piece.empty()) break;
    if (fragments) {
      send_frame_header(fd, begun ? 0 : first, piece.size());
      offset = 0;
    }
    for (unsigned char& byte : piece) byte ^= wire::key[offset++ % wire::key.size()];
    send_all(fd, piece);
  }
  if (fragments) send_frame_header(fd, 0x80, 0);
}

// The message that comes back.
class echo {
 public:
  echo(int fd, std::uint64_t size, bool compressed) : fd_(fd), left_(size), deflate_(compressed) {
    if (inflateInit2(&zlib_, -15) != Z_OK) die("zlib");
  }
  ~echo() { inflateEnd(&zlib_); }
  echo(const echo&) = delete;
  echo& operator=(const echo&) = delete;

  void read() {
    for (bool first = true;; first = false) {
      const wire::header_reader header = read_header();
      if (header.opcode() != (first ? 1 : 0)) die("a wrong opcode");
      if (header.rsv1() != (first && deflate_)) die("compression where none was due, or none");
      read_payload(header.length());
      if (header.fin()) break;
    }
    std::array<unsigned char, 4> end{0, 0, 0xff, 0xff};
    if (deflate_) inflate_and_compare(end);
    if (left_ != 0) die("a message that is too short");
  }

  void read_close() {
    const wire::header_reader header = read_header();
    if (header.opcode() != 8) die("no Close");
  }

 private:
  wire::header_reader read_header() {
    wire::header_reader header;
    while (true) {
      if (unread_.empty()) receive();
      const unsigned char* at = unread_.data();
      const bool complete = header.feed(at, at + unread_.size());
      unread_ = unread_.subspan(static_cast<std::size_t>(at - unread_.data()));
      if (complete) return header;
    }
  }

  void read_payload(std::uint64_t length) {
    while (length != 0) {
      if (unread_.empty()) receive();
      const bytes piece = unread_.first(std::min<std::uint64_t>(length, unread_.size()));
      if (deflate_) inflate_and_compare(piece);
      if (!deflate_) compare(piece);
      unread_ = unread_.subspan(piece.size());
      length -= piece.size();
    }
  }

  void receive() {
    const ssize_t n = recv(fd_, received_.data(), received_.size(), 0);
    if (n <= 0) die("the server has gone");
    unread_ = bytes(received_).first(static_cast<std::size_t>(n));
  }

  void inflate_and_compare(bytes piece) {
    zlib_.next_in = piece.data();
    zlib_.avail_in = static_cast<uInt>(piece.size());
    do {
      zlib_.next_out = inflated_.data();
      zlib_.avail_out = static_cast<uInt>(inflated_.size());
      const int answer = inflate(&zlib_, Z_SYNC_FLUSH);
      if (answer != Z_OK && answer != Z_BUF_ERROR) die("not a deflate stream");
      compare(bytes(inflated_).first(inflated_.size() - zlib_.avail_out));
    } while (zlib_.avail_out == 0);
  }

  void compare(bytes piece) {
    if (piece.size() > left_) die("a message that is too long");
    left_ -= piece.size();
    while (!piece.empty()) {
      if (expected_.empty()) {
        pattern_.write(plain_);
        expected_ = plain_;
      }
      const std::size_t n = std::min(piece.size(), expected_.size());
      if (std::memcmp(piece.data(), expected_.data(), n) != 0) die("a wrong byte");
      piece = piece.subspan(n);
      expected_ = expected_.subspan(n);
    }
  }

  int fd_;
  std::uint64_t left_;  // of the plain message
  bool deflate_;
  z_stream zlib_{};
  pattern pattern_;
  bytes unread_, expected_;
  std::array<unsigned char, piece_size> received_, inflated_, plain_;
};

long kib_of(const std::string& pid, const std::string& what) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what)) return std::atol(line.c_str() + what.size() + 1);
  }
  die("no process " + pid);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const std::string pid = argv[2], path = argv[3];
  const std::uint64_t size = std::strtoull(argv[4], nullptr, 10) << 20;
  const bool fragments = argv[5] == std::string_view("fragments");
  const bool compressed = argv[6] == std::string_view("deflate");
  // Before there is a connection, which would be pinged meanwhile.
  const std::uint64_t total = fragments ? 0 : payload::total(size, compressed);
  const long idle = kib_of(pid, "VmHWM");

  const int fd = wire::connect_to(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const std::string head = wire::handshake(
      fd, path, compressed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
  if (compressed != (head.find("permessage-deflate") != head.npos)) die("not agreed on: " + head);
  const auto from = std::chrono::steady_clock::now();
  std::thread sender([&] { send_message(fd, size, total, compressed); });
  echo answer(fd, size, compressed);
  answer.read();
  sender.join();
  send_frame_header(fd, 0x88, 0);
  answer.read_close();

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - from;
  std::printf("%.2f %.0f %ld\n", took.count(), static_cast<double>(size) / took.count() / 1e6,
              kib_of(pid, "VmHWM") - idle);
}
