// RFC 7692 5, 6 and 7.2: compressed messages, sentence by sentence.
#include "rules_fixture.hpp"
#include "zlib_peer.hpp"

#include <drywire/deflate/deflater.hpp>

#include <algorithm>
#include <random>

using namespace websocket_test;
using tests::deflate_tail;
using tests::zlib_receiver;
using tests::zlib_sender;
using websocket::deflate_parameters;

namespace {

struct deflate_memory {
  testkit::heap_storage blocks{deflate::deflate_block_bytes()};
};

// A connection with compression of everything, and what it agreed on.
struct compressing : deflate_memory, fixture {
  explicit compressing(role r, const deflate_parameters& agreed = {})
      : fixture(r, {}, tools(agreed, blocks)) {}

  static websocket::tools tools(const deflate_parameters& agreed, storage& memory) {
    websocket::tools t;
    t.deflate = agreed;
    t.compression = {.own_context = true, .peer_context = true, .message_bytes_min = 1};
    t.deflate_memory = &memory;
    return t;
  }

  /// The frames of one message.
  std::vector<wire_frame> sent(std::string_view message) {
    REQUIRE(send(message, kind::binary) == errc::ok);
    return frames_in(output());
  }
};

// What the messages in these frames say, decompressed.
std::string bytes_told(compressing& f, std::string frames) {
  std::string told;
  auto cursor = f.machine.receive(std::as_writable_bytes(std::span(frames)));
  while (const auto e = cursor.next()) {
    if (const auto* m = std::get_if<websocket::message>(&*e)) told += as_text(m->bytes);
  }
  return told;
}

// Bytes that can't be made smaller, save by what was sent before.
std::string noise(std::size_t size) {
  std::mt19937 random(11);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random());
  return bytes;
}

deflate_parameters no_takeover(role of) {
  return {.server_no_context_takeover = of == role::server,
          .client_no_context_takeover = of == role::client};
}

deflate_parameters window_of(role of, unsigned bits) {
  deflate_parameters agreed;
  (of == role::server ? agreed.server_window_bits : agreed.client_window_bits) =
      static_cast<std::uint8_t>(bits);
  return agreed;
}

role other(role side) { return side == role::server ? role::client : role::server; }

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("RFC 7692 6.1: a compressed message has RSV1 in its first frame, and only there",
          "[rfc7692-5k][rfc7692-6.1a][rfc7692-6.1c][rfc6455-5.2a][rfc6455-5.2g]") {
  for (const role side : both_roles) {
    compressing f(side);
    zlib_receiver peer;
    const std::string message = repeated("compress me, ", 20);
    const auto whole = f.sent(message);
    REQUIRE(whole.size() == 1);
    CHECK(whole[0].first_byte == (binary | rsv1));
    CHECK(whole[0].payload.size() < message.size());
    CHECK(peer.receive(whole[0].payload) == message);

    REQUIRE(f.machine.start_message(kind::text) == errc::ok);
    REQUIRE(f.machine.send_piece(text_bytes(message)) == errc::ok);
    REQUIRE(f.machine.send_ping(text_bytes("aaaaaaaaaaaaaaaaaaaaaaaaaa")) == errc::ok);
    REQUIRE(f.machine.send_piece(text_bytes(message)) == errc::ok);
    REQUIRE(f.machine.finish_message() == errc::ok);
    CHECK(f.receive(ping, "p").size() == 1);
    REQUIRE(f.machine.close(1000, "bye") == errc::ok);
    const auto frames = frames_in(f.output());
    std::string payload;
    for (const wire_frame& frame : frames) {
      CHECK(frame.rsv() == (frame.opcode() == 1 ? rsv1 : 0));
      if (!frame.control()) payload += frame.payload;
    }
    CHECK(peer.receive(payload) == message + message);
  }
}

TEST_CASE("RFC 7692 6.1: a message that is sent plain has no RSV1", "[rfc7692-6.1b]") {
  for (const role side : both_roles) {
    deflate_memory memory;
    websocket::tools t = compressing::tools({}, memory.blocks);
    t.deflate.reset();  // nothing was agreed on
    const std::string message = repeated("compress me, ", 20);
    fixture none(side, {}, t);
    REQUIRE(none.send(message) == errc::ok);
    CHECK(none.output() == none.out(text, message));
    compressing f(side);
    CHECK(f.sent("")[0].first_byte == binary);
    // Begun without memory for a deflater, it stays plain to its end.
    compressing late(side);
    REQUIRE(late.machine.start_message(kind::text) == errc::ok);
    late.blocks.refuse(1);
    REQUIRE(late.machine.send_piece(text_bytes(message)) == errc::ok);
    late.blocks.refuse(0);
    REQUIRE(late.machine.send_piece(text_bytes(message)) == errc::ok);
    REQUIRE(late.machine.finish_message() == errc::ok);
    CHECK(late.output() ==
          late.out(text_begin, message) + late.out(middle, message) + late.out(last));
  }
}

TEST_CASE("RFC 7692 6.1: RSV1 on a control frame or a later fragment is the end",
          "[rfc7692-6.1d]") {
  for (const role side : both_roles) {
    for (const unsigned first : {ping, pong, closing}) {
      compressing f(side);
      check_fails(f, f.in(first | rsv1), fault::compressed_control);
    }
    for (const unsigned first : {middle, last}) {
      compressing f(side);
      f.receive(text_begin, "a");
      check_fails(f, f.in(first | rsv1), fault::compressed_continuation);
    }
    // The other bits are nobody's.
    for (const unsigned rsv : {0x10U, 0x20U, 0x30U, 0x50U, 0x60U, 0x70U}) {
      compressing f(side);
      check_fails(f, f.in(text | rsv), fault::reserved_bits);
    }
  }
}

TEST_CASE("RFC 7692 6.2: messages with RSV1 are decompressed, others aren't",
          "[rfc7692-5k][rfc7692-6.2a][rfc7692-6.2b]") {
  for (const role side : both_roles) {
    compressing f(side);
    zlib_sender peer;
    const std::string first = peer.send("Hello");
    const std::string second = peer.send("Hello");
    CHECK(f.receive(text | rsv1, first) == lines{R"(text "Hello")"});
    CHECK(f.receive(text, "plain") == lines{R"(text "plain")"});
    CHECK(bytes_told(f, f.in(text_begin | rsv1, second.substr(0, 2)) + f.in(ping) +
                            f.in(middle, second.substr(2, 1)) + f.in(last, second.substr(3))) ==
          "Hello");
    CHECK(f.machine.ending() == ending::open);
    // Compressed bytes without the bit are what they are.
    CHECK(f.receive(binary, first) == lines{"binary " + testkit::in_quotes(first)});
  }
}

TEST_CASE("RFC 7692 7.2.1: the tail goes at the end of a message, and stays in its fragments",
          "[rfc7692-7.2.1b]") {
  for (const role side : both_roles) {
    compressing f(side);
    REQUIRE(f.machine.start_message(kind::binary) == errc::ok);
    std::string message;
    for (int i = 0; i < 5; ++i) {
      const std::string piece = "piece " + std::to_string(i);
      REQUIRE(f.machine.send_piece(text_bytes(piece)) == errc::ok);
      message += piece;
    }
    REQUIRE(f.machine.finish_message() == errc::ok);
    const auto frames = frames_in(f.output());
    std::string payload;
    for (const wire_frame& frame : frames) payload += frame.payload;
    CHECK_FALSE(payload.ends_with(deflate_tail));
    std::size_t tails = 0;
    for (std::size_t at = payload.find(deflate_tail); at != payload.npos;
         at = payload.find(deflate_tail, at + 1)) {
      ++tails;
    }
    CHECK(tails >= 4);
    CHECK(zlib_receiver().receive(payload) == message);
    const auto whole = f.sent(message);
    CHECK_FALSE(whole.at(0).payload.ends_with(deflate_tail));
  }
}

TEST_CASE("RFC 7692 7.2.1: no window is larger than 32 KiB", "[rfc7692-7.2.1c]") {
  for (const role side : both_roles) {
    const std::string far = noise(33'000);
    const std::string near = noise(30'000);
    compressing f(side);
    CHECK(f.sent(far + far).at(0).payload.size() > 65'000);
    compressing g(side);
    const auto frames = g.sent(near + near);
    CHECK(frames.at(0).payload.size() < 40'000);
    CHECK(zlib_receiver().receive(frames.at(0).payload) == near + near);
  }
}

// Two equal messages: the second refers to the first or it doesn't.
static void check_forgets(role side, const deflate_parameters& agreed, bool forgets) {
  compressing f(side, agreed);
  const std::string message = noise(1000) + repeated("compress me, ", 20);
  const auto first = f.sent(message);
  const auto second = f.sent(message);
  if (forgets) {
    CHECK(first.at(0).payload == second.at(0).payload);
    CHECK(zlib_receiver().receive(second.at(0).payload) == message);
  } else {
    CHECK(second.at(0).payload.size() < 100);
  }
}

TEST_CASE("RFC 7692 7.2.1: with client_no_context_takeover a client's messages stand alone",
          "[rfc7692-7.2.1d][rfc7692-7.1.1.2a][rfc7692-5k][client]") {
  check_forgets(role::client, no_takeover(role::client), true);
  check_forgets(role::client, no_takeover(role::server), false);
}

TEST_CASE("RFC 7692 7.2.1: with server_no_context_takeover a server's messages stand alone",
          "[rfc7692-7.2.1e][rfc7692-5k][server]") {
  check_forgets(role::server, no_takeover(role::server), true);
  check_forgets(role::server, no_takeover(role::client), false);
}

TEST_CASE("RFC 7692 7.2.1: a window that may be taken over needn't be") {
  for (const role side : both_roles) {
    testkit::heap_storage blocks(deflate::deflate_block_bytes());
    websocket::tools t;
    t.deflate = deflate_parameters{};
    t.compression = {.own_context = false, .message_bytes_min = 1};
    t.deflate_memory = &blocks;
    fixture f(side, {}, t);
    const std::string message = repeated("compress me, ", 20);
    REQUIRE(f.send(message) == errc::ok);
    const std::string first = f.output();
    REQUIRE(f.send(message) == errc::ok);
    CHECK(f.output() == first);
    CHECK(byte_at(first, 0) == (text | rsv1));
  }
}

// A repetition that a window twice as large would find, and this one mustn't.
static void check_window(role side, unsigned bits) {
  CAPTURE(bits);
  const std::string bytes = noise((std::size_t{5} << bits) / 4);
  compressing f(side, window_of(side, bits));
  const auto frames = f.sent(bytes + bytes);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].payload.size() > bytes.size() * 19 / 10);
  compressing wide(side, window_of(other(side), bits));
  CHECK(wide.sent(bytes + bytes).at(0).payload.size() < bytes.size() * 3 / 2);
  // One that is within reach is found, but for the 262 bytes that zlib keeps free.
  if (bits < 10) return;
  const std::string near = bytes.substr(0, bytes.size() / 2);
  compressing g(side, window_of(side, bits));
  CHECK(g.sent(near + near).at(0).payload.size() < near.size() * 3 / 2);
}

TEST_CASE("RFC 7692 7.2.1: client_max_window_bits bounds what a client refers to",
          "[rfc7692-7.2.1f][rfc7692-7.2.2f][client]") {
  for (unsigned bits = 8; bits < 15; ++bits) check_window(role::client, bits);
}

TEST_CASE("RFC 7692 7.2.1: server_max_window_bits bounds what a server refers to",
          "[rfc7692-7.2.1g][rfc7692-5d][server]") {
  for (unsigned bits = 8; bits < 15; ++bits) check_window(role::server, bits);
}

// A message that refers back as far as can be, also to the message before.
static void check_remembers(role side, const deflate_parameters& agreed) {
  compressing f(side, agreed);
  zlib_sender peer;
  const std::string bytes = noise(32'000);
  const std::string first = peer.send(bytes);
  const std::string second = peer.send(bytes);
  REQUIRE(second.size() < 2000);
  for (const std::string& payload : {first, second}) {
    CHECK((bytes_told(f, f.in(binary | rsv1, payload)) == bytes));
  }
}

TEST_CASE("RFC 7692 7.2.2: a client keeps 32 KiB of what it read, unless agreed otherwise",
          "[rfc7692-7.2.2a][rfc7692-7.2.2d][client]") {
  check_remembers(role::client, {});
  check_remembers(role::client, no_takeover(role::client));
  check_remembers(role::client, window_of(role::client, 9));
}

TEST_CASE("RFC 7692 7.2.2: a server keeps 32 KiB of what it read, unless agreed otherwise",
          "[rfc7692-7.2.2b][rfc7692-7.2.2c][rfc7692-7.2.2e][server]") {
  check_remembers(role::server, {});
  check_remembers(role::server, no_takeover(role::server));
  check_remembers(role::server, window_of(role::server, 9));
}
