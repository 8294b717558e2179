// What the tests of RFC sentences need beside a connection: frames taken apart, byte by byte.
#pragma once

#include "fixture.hpp"

#include <drywire/testkit/random.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace websocket_test {

inline constexpr std::array<role, 2> both_roles{role::server, role::client};

/// A frame as it is on the wire.
struct wire_frame {
  unsigned first_byte = 0;
  bool masked = false;
  bool length_minimal = true;
  std::string key;
  std::string payload;  ///< unmasked

  [[nodiscard]] unsigned opcode() const { return first_byte & 0x0F; }
  [[nodiscard]] bool fin() const { return (first_byte & 0x80) != 0; }
  [[nodiscard]] unsigned rsv() const { return first_byte & 0x70; }
  [[nodiscard]] bool control() const { return opcode() >= 8; }
};

inline unsigned byte_at(std::string_view bytes, std::size_t i) {
  REQUIRE(i < bytes.size());
  return static_cast<unsigned char>(bytes[i]);
}

/// All of the wire's, RFC 6455 5.2.
inline std::vector<wire_frame> frames_in(std::string_view wire) {
  std::vector<wire_frame> frames;
  while (!wire.empty()) {
    wire_frame f;
    f.first_byte = byte_at(wire, 0);
    f.masked = (byte_at(wire, 1) & 0x80) != 0;
    std::size_t at = 2;
    std::uint64_t size = byte_at(wire, 1) & 0x7F;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more != 0) size = 0;
    for (std::size_t i = 0; i < more; ++i) size = size << 8 | byte_at(wire, at++);
    f.length_minimal = more == 0 || size >= (more == 2 ? 126U : 65536U);
    if (f.masked) {
      f.key = wire.substr(at, 4);
      at += 4;
    }
    REQUIRE(wire.size() - at >= size);
    f.payload = wire.substr(at, size);
    for (std::size_t i = 0; f.masked && i < f.payload.size(); ++i) {
      f.payload[i] = static_cast<char>(f.payload[i] ^ f.key[i % 4]);
    }
    wire.remove_prefix(at + size);
    frames.push_back(std::move(f));
  }
  return frames;
}

/// One of each kind of frame that a side sends, and the answer to a ping.
inline std::vector<wire_frame> frames_of_all_kinds(fixture& f) {
  REQUIRE(f.send("text") == errc::ok);
  REQUIRE(f.send(std::string(300, 'b'), kind::binary) == errc::ok);
  REQUIRE(f.machine.start_message(kind::text) == errc::ok);
  REQUIRE(f.machine.send_piece(text_bytes("one")) == errc::ok);
  REQUIRE(f.machine.send_ping(text_bytes("p")) == errc::ok);
  REQUIRE(f.machine.send_piece(text_bytes("two")) == errc::ok);
  REQUIRE(f.machine.finish_message() == errc::ok);
  REQUIRE(f.machine.send_pong() == errc::ok);
  REQUIRE(f.receive(ping, "r") == lines{R"(ping payload="r")"});
  REQUIRE(f.machine.close(1000, "bye") == errc::ok);
  auto frames = frames_in(f.output());
  REQUIRE(frames.size() == 9);
  return frames;
}

/// That the bytes are the end, for this reason, with the Close that goes with it, and that nothing
/// behind them is read.
inline void check_fails(fixture& f, std::string_view bytes, fault what) {
  const lines told = f.receive(bytes);
  REQUIRE_FALSE(told.empty());
  CHECK(told.back() == wrong(what).front());
  const auto said = frames_in(f.output());
  REQUIRE_FALSE(said.empty());
  CHECK(said.back().first_byte == closing);
  CHECK(said.back().payload == status(websocket::close_code_of(what)));
  CHECK(f.machine.ending() == ending::draining);
  CHECK(f.receive(text, "more").empty());
}

}  // namespace websocket_test
