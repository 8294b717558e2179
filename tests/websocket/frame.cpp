// Frame headers, read and written.

#include "wire.hpp"

#include <drywire/testkit/random.hpp>
#include <drywire/websocket/frame.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace drywire;
using namespace websocket_test;
using websocket::fault;
using websocket::frame_header;
using websocket::opcode;

namespace {

websocket::header_reading read(std::string_view bytes, frame_header& to, bool masked = false) {
  return websocket::read_header(text_bytes(bytes), {masked, true, false}, to);
}

std::string written(const frame_header& header) {
  std::array<std::byte, websocket::frame_header_bytes_max> to;
  const std::size_t size = write_header(header, to);
  CHECK(size == header_bytes(header));
  return std::string(as_text(const_bytes(to).first(size)));
}

}  // namespace

TEST_CASE("websocket frame: the length has its shortest form, in network byte order",
          "[rfc6455-5.2]") {
  for (const std::uint64_t n :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{125}, std::uint64_t{126},
        std::uint64_t{127}, std::uint64_t{0xFFFF}, std::uint64_t{0x10000},
        std::uint64_t{0x0123456789ABCDEF}, std::uint64_t{0x7FFFFFFFFFFFFFFF}}) {
    CAPTURE(n);
    for (const bool masked : {false, true}) {
      frame_header header;
      header.opcode = opcode::binary;
      header.length = n;
      header.masked = masked;
      std::ranges::copy(text_bytes(key), header.key.begin());
      const std::string bytes = written(header);
      CHECK(bytes == "\x82" + length(n, masked ? 0x80 : 0) + (masked ? std::string(key) : ""));

      // Read back: with all its bytes, and not with fewer.
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        frame_header to;
        const auto part = read(bytes.substr(0, size), to, masked);
        CHECK(part.size == 0);
        CHECK(!part.wrong);
      }
      frame_header to;
      const auto got = read(bytes + "more", to, masked);
      CHECK(!got.wrong);
      CHECK(got.size == bytes.size());
      CHECK(to.length == n);
      CHECK(to.opcode == opcode::binary);
      CHECK(to.fin);
      CHECK(!to.compressed);
      CHECK(to.masked == masked);
      if (masked) CHECK(to.key == header.key);
    }
  }
}

TEST_CASE("websocket frame: each first byte is taken or refused as its bits say",
          "[rfc6455-5.2][rfc6455-5.4][rfc6455-5.5][rfc7692-6]") {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned rules = 0; rules < 4; ++rules) {
      const bool compression = (rules & 1) != 0;
      const bool open = (rules & 2) != 0;
      CAPTURE(first, compression, open);
      const unsigned code = first & 15;
      const bool control = code >= 8;
      const bool known = code <= 2 || (code >= 8 && code <= 10);
      bool good = known && (first & 0x30) == 0;
      if ((first & 0x40) != 0) good = good && compression && (code == 1 || code == 2);
      if (control) good = good && (first & 0x80) != 0;
      if (!control) good = good && (code == 0) == open;
      frame_header to;
      const std::byte byte{static_cast<unsigned char>(first)};
      const auto got = websocket::read_header({&byte, 1}, {false, compression, open}, to);
      CHECK(got.wrong.has_value() == !good);
      CHECK(got.size == 0);
      if (!good) continue;
      CHECK(to.fin == ((first & 0x80) != 0));
      CHECK(to.compressed == ((first & 0x40) != 0));
      CHECK(static_cast<unsigned>(to.opcode) == code);
      CHECK(to.control() == control);
    }
  }
}

TEST_CASE("websocket frame: random headers come back as they were written") {
  testkit::random numbers(7);
  constexpr std::array codes{opcode::text, opcode::binary, opcode::close, opcode::ping,
                             opcode::pong};
  for (int i = 0; i < 10'000; ++i) {
    frame_header header;
    header.opcode = codes[numbers.below(codes.size())];
    header.fin = header.control() || numbers.below(2) == 0;
    header.compressed = !header.control() && numbers.below(2) == 0;
    header.masked = numbers.below(2) == 0;
    header.length =
        header.control() ? numbers.below(124) + 2 : numbers.next() >> (1 + numbers.below(63));
    for (std::byte& b : header.key) b = static_cast<std::byte>(numbers.next());
    frame_header to;
    const std::string bytes = written(header);
    const auto got = read(bytes, to, header.masked);
    if (got.wrong || got.size != bytes.size()) FAIL("not read: " << i);
    CHECK(written(to) == bytes);
  }
}
