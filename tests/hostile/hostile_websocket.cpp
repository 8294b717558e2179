// Hostile peers of the echo at /ws, on each loop: each is told the right close code, what the
// server holds for it is bounded, and others are served meanwhile.
#include "child.hpp"
#include "hostile_rows.hpp"
#include "raw_client.hpp"

#include <drywire/backends/make_backend.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <zlib.h>

#include <cstdint>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace drywire::traffic;
using namespace std::string_literals;
using kind = step::kind;

// A row is over this only if something grows with what the peer sends, which is more than that.
// Under a sanitizer freed memory stays resident.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t growth_bytes_max = 64'000'000;
#else
constexpr std::size_t growth_bytes_max = 1'000'000;
#endif

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string big_endian(std::uint64_t value, int bytes) {
  std::string all;
  for (int i = bytes - 1; i >= 0; --i) all += static_cast<char>(value >> (8 * i));
  return all;
}

// `first` is the byte with FIN, RSV and the opcode. The key is zero, so that the payload is as it
// is. `claimed` is a length that isn't the payload's.
std::string header(unsigned first, std::uint64_t claimed) {
  const int bytes = claimed < 126 ? 0 : claimed < 65536 ? 2 : 8;
  const std::uint64_t length = bytes == 0 ? claimed : bytes == 2 ? 126 : 127;
  return big_endian(first, 1) + big_endian(0x80 | length, 1) + big_endian(claimed, bytes) +
         "\0\0\0\0"s;
}
std::string frame(unsigned first, const std::string& payload) {
  return header(first, payload.size()) + payload;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// The message that inflates to so many zeros, RFC 7692 7.2.1: about a thousandth of them.
std::string deflated_zeros(std::size_t count) {
  z_stream zlib{};
  if (deflateInit2(&zlib, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string zeros(count, '\0'), out(count / 100 + 100, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(zeros.data());
  zlib.avail_in = static_cast<uInt>(zeros.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  const int answer = deflate(&zlib, Z_SYNC_FLUSH);
  out.resize(out.size() - zlib.avail_out - 4);
  deflateEnd(&zlib);
  if (answer != Z_OK || zlib.avail_in != 0) throw std::runtime_error("deflate");
  return out;
}

struct row {
  std::string name;
  unsigned code;  // of the server's Close; 0: none
  std::string sent;
  std::string fields = {};  // more of the handshake
  bool reads = true;        // while it sends
  conversation::end end = conversation::end::closed;
};

std::vector<row> rows() {
  const std::string deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  return {
      {"a deflate bomb of 256 MiB", 1009, frame(0xC2, deflated_zeros(std::size_t{256} << 20)),
       deflate},
      {"a bomb in fragments", 1009,
       frame(0x42, deflated_zeros(std::size_t{64} << 20)) + frame(0x80, ""), deflate},
      {"a claimed length of 2^62", 1009, header(0x82, std::uint64_t{1} << 62)},
      {"a claimed length of 2^63", 1002, header(0x82, std::uint64_t{1} << 63)},
      {"10,000 fragments", 1008,
       frame(0x01, "a") + repeated(frame(0x00, "a"), 9'999) + frame(0x80, "")},
      {"100,000 empty fragments", 1008, frame(0x01, "") + repeated(frame(0x00, ""), 100'000)},
      {"a message without an end", 1009,
       frame(0x02, "a") + repeated(frame(0x00, std::string(1 << 20, 'b')), 40)},
      {"a flood of pings, and no reading", 1008, repeated(frame(0x89, ""), 1'000'000), {}, false},
      // Only the newest of those that come together is answered: they do no harm.
      {"a flood of long pings, and no reading",
       0,
       repeated(frame(0x89, std::string(125, 'p')), 500'000),
       {},
       false},
      {"messages, and no reading",
       0,
       repeated(frame(0x82, std::string(1 << 20, 'm')), 60),
       {},
       false,
       conversation::end::reset},
      {"an unmasked frame", 1002, "\x81\x01-"},
      {"reserved bits", 1002, frame(0xF1, "a")},
      {"compression that wasn't agreed on", 1002, frame(0xC1, "a")},
      {"a reserved opcode", 1002, frame(0x83, "a")},
      {"a ping of 126 bytes", 1002, frame(0x89, std::string(126, 'a'))},
      {"text that isn't UTF-8", 1007, frame(0x81, "\xC0\xAF")},
      {"no deflate stream", 1007, frame(0xC1, "\xFF\xFF\xFF\xFF"), deflate},
      {"a close code of 1005", 1002, frame(0x88, big_endian(1005, 2))},
  };
}

// The code of the Close that ends what the server said; 0 if it doesn't end so.
unsigned close_code_in(std::string_view received) {
  const std::size_t head = received.find("\r\n\r\n");
  if (!received.starts_with("HTTP/1.1 101 ") || head == received.npos) return 0;
  received.remove_prefix(head + 4);
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(received[i]); };
  while (received.size() >= 2) {
    const unsigned opcode = at(0) & 0x0FU;
    const std::size_t wide = at(1) == 127 ? 8 : at(1) == 126 ? 2 : 0;
    if (received.size() < 2 + wide) return 0;
    std::size_t length = wide == 0 ? at(1) : 0;
    for (std::size_t i = 0; i < wide; ++i) length = length << 8 | at(2 + i);
    if (received.size() < 2 + wide + length) return 0;
    if (opcode == 8) {
      const bool last = received.size() == 2 + length;
      return last && length >= 2 ? at(2) * 256U + at(3) : 0;
    }
    received.remove_prefix(2 + wide + length);
  }
  return 0;
}

// What was wrong with how the server met it; empty when nothing was.
std::string check(std::uint16_t port, const row& r) {
  std::vector<step> script{{kind::send, handshake + r.fields + "\r\n"}};
  if (!r.reads) script.push_back({kind::stop_reading});
  script.push_back({kind::send, r.sent});
  if (!r.reads) script.push_back({kind::read_again});
  script.push_back({kind::half_close});
  const conversation talk = converse(port, script);
  if (talk.how != r.end) return std::string("the end was: ") + to_string(talk.how);
  const unsigned code = close_code_in(talk.received);
  return code == r.code ? "" : "the close code was " + std::to_string(code);
}

// Who wants nothing but an echo.
class other_peer {
 public:
  explicit other_peer(std::uint16_t port) : connection_(port) {
    static_cast<void>(connection_.send(handshake + "\r\n"));
    static_cast<void>(connection_.read_until("\r\n\r\n"));
  }
  bool is_echoed() {
    static_cast<void>(connection_.take());
    return connection_.send(frame(0x81, "hello")) && connection_.read_until("\x81\x05hello");
  }

 private:
  raw_connection connection_;
};

std::vector<std::string> loops() {
  const auto names = drywire::backend_names();
  return {names.begin(), names.end()};
}

arguments limits() { return {"--limit", "ws-write-timeout=2s", "--limit", "ws-close-timeout=20s"}; }

TEST_CASE("hostile WebSocket peers are told why, on every loop") {
  const std::string loop = GENERATE(from_range(loops()));
  CAPTURE(loop);
  server s(DRYWIRE_COMMAND, loop, limits());
  other_peer other(s.port());
  REQUIRE(other.is_echoed());
  for (const row& r : rows()) {
    CAPTURE(r.name);
    const std::size_t before = s.most_memory();
    auto wrong = std::async(std::launch::async, check, s.port(), std::cref(r));
    CHECK(other.is_echoed());
    CHECK(wrong.get() == "");
    CHECK(other.is_echoed());
    CHECK(s.most_memory() - before < growth_bytes_max);
  }
  int status = -1;
  CHECK(s.stop(status) == "");
  CHECK(status == 0);
}

}  // namespace
