// What the tests of RFC sentences need beside a connection: frames taken apart, byte by byte.
#pragma once

#include "fixture.hpp"
#include "wire_frame.hpp"

#include <drywire/testkit/random.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace websocket_test {

inline constexpr std::array<role, 2> both_roles{role::server, role::client};

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
