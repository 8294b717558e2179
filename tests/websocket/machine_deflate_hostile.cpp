// permessage-deflate against a peer that means no good, and against memory that runs out.

#include "fixture.hpp"
#include "zlib_peer.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/random.hpp>

#include <optional>

using namespace websocket_test;
using tests::zlib_receiver;
using tests::zlib_sender;

namespace {

std::string noise(std::size_t size, std::uint64_t seed) {
  testkit::random numbers(seed);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>('!' + numbers.below(90));
  return bytes;
}

struct compressing {
  explicit compressing(bool takeover, const websocket::limits& l = {},
                       std::size_t block_bytes = 4096)
      : f(role::server, l, tools_of(takeover), block_bytes) {}

  websocket::tools tools_of(bool takeover) {
    websocket::tools t;
    t.deflate = websocket::deflate_parameters{!takeover, !takeover, 15, 15};
    t.compression.own_context = t.compression.peer_context = takeover;
    t.compression.message_bytes_min = 0;
    t.deflate_memory = &memory;
    return t;
  }

  testkit::heap_storage memory{deflate::deflate_block_bytes()};
  fixture f;
};

// Feeds `wire` in portions; how many bytes of messages were told, and the last line.
struct told {
  std::size_t bytes = 0;
  std::size_t pongs_due = 0;
  std::string end;
  friend bool operator==(const told&, const told&) = default;
};

told feed(compressing& c, std::string_view wire, std::size_t portion) {
  told all;
  std::string lent;
  while (!wire.empty()) {
    lent = std::string(wire.substr(0, portion));
    wire.remove_prefix(lent.size());
    auto cursor = c.f.machine.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) {
      if (const auto* m = std::get_if<websocket::message>(&*event)) all.bytes += m->bytes.size();
      if (std::holds_alternative<websocket::ping>(*event)) ++all.pongs_due;
      if (const auto* e = std::get_if<websocket::peer_error>(&*event)) {
        all.end = to_string(e->what);
      }
    }
    REQUIRE(cursor.remaining().empty());
    REQUIRE(c.f.machine.retain_output() == errc::ok);
    c.f.output();
  }
  return all;
}

// The frames of our own output, as first byte and payload.
std::vector<std::pair<unsigned, std::string>> frames_of(std::string_view wire) {
  std::vector<std::pair<unsigned, std::string>> frames;
  while (!wire.empty()) {
    websocket::frame_header header;
    const websocket::frame_rules rules{.compression = true, .message_open = (wire[0] & 0x0F) == 0};
    const auto reading = websocket::read_header(text_bytes(wire), rules, header);
    REQUIRE(reading.size != 0);
    frames.emplace_back(static_cast<unsigned char>(wire[0]),
                        wire.substr(reading.size, header.length));
    wire.remove_prefix(reading.size + header.length);
  }
  return frames;
}

// What a peer makes of one message of ours, compressed or not.
std::string receive(zlib_receiver& peer, std::string_view wire) {
  const auto frames = frames_of(wire);
  REQUIRE(frames.size() == 1);
  return (frames[0].first & rsv1) != 0 ? peer.receive(frames[0].second) : frames[0].second;
}

}  // namespace

TEST_CASE("websocket: a bomb in small fragments, with pings between, is refused at the same byte") {
  const std::string bomb = zlib_sender(15, false, 9).send(std::string(20'000'000, 'x'));
  std::string wire;
  for (std::size_t at = 0; at < bomb.size(); at += 100) {
    const bool ends = at + 100 >= bomb.size();
    const unsigned first = at == 0 ? rsv1 | text_begin : ends ? last : middle;
    wire += up(first, bomb.substr(at, 100)) + up(ping, std::to_string(at));
    if (!ends) wire += up(middle);
  }
  websocket::limits l;
  l.message_bytes_max = 5'000'000;
  std::optional<told> first;
  for (const unsigned portion : {1U, 97U, 4096U, 1'000'000U}) {
    CAPTURE(portion);
    compressing c(false, l);
    const told seen = feed(c, wire, portion);
    CHECK(seen.end == to_string(fault::inflate_ratio_exceeded));
    CHECK(seen.bytes >= l.ratio_free_bytes);
    CHECK(seen.bytes <= l.ratio_free_bytes + 102'400);
    CHECK(seen == first.value_or(seen));
    first = seen;
    CHECK(c.memory.in_use() == 0);
    CHECK(c.f.memory.in_use() == 0);
    CHECK(c.memory.in_use_most() == 1);
    CHECK(c.f.memory.in_use_most() <= 3);
  }
}

TEST_CASE("websocket: fragments that hold nothing are counted, compressed or not") {
  compressing c(false);
  std::string wire = up(rsv1 | text_begin);
  for (int i = 0; i < 10'000; ++i) wire += up(middle);
  CHECK(feed(c, wire, 4096).end == to_string(fault::too_many_fragments));
  CHECK(c.memory.requests() == 0);
  CHECK(c.f.memory.in_use() == 0);
}

TEST_CASE("websocket: payload that inflates to nothing doesn't come for ever") {
  websocket::limits l;
  l.message_bytes_max = 10'000;
  compressing c(false, l);
  std::string blocks;
  while (blocks.size() < 2000) blocks += "\x00\x00\x00\xff\xff"sv;
  std::string wire = up(rsv1 | text_begin, blocks);
  for (int i = 0; i < 100; ++i) wire += up(middle, blocks);
  CHECK(feed(c, wire, 4096).end == to_string(fault::message_too_big));
  CHECK(c.f.memory.in_use() == 0);
}

TEST_CASE("websocket: an empty first fragment that is compressed begins a message",
          "[rfc7692-6.2]") {
  compressing c(true);
  zlib_sender peer;
  for (int i = 0; i < 3; ++i) {
    const std::string payload = peer.send("what is said");
    CHECK(c.f.receive(rsv1 | text_begin).empty());
    CHECK(c.f.receive(ping, "in between") == lines{R"(ping payload="in between")"});
    CHECK(c.f.receive(middle).empty());
    CHECK(c.f.receive(middle, payload) == lines{R"(text> "what is said")"});
    CHECK(c.f.receive(last) == lines{R"(<text "")"});
    c.f.output();
  }
  // Nothing at all, in any number of frames, is an empty message.
  CHECK(c.f.receive(rsv1 | text) == lines{R"(text "")"});
  CHECK(c.f.receive(rsv1 | text_begin).empty());
  CHECK(c.f.receive(last) == lines{R"(text "")"});
  CHECK(c.f.receive(rsv1 | text, peer.send("what is said")) == lines{R"(text "what is said")"});
}

TEST_CASE("websocket: what a peer learned of us stays true whatever we were refused") {
  const std::string known = noise(700, 1);
  const std::string big = noise(3000, 2);
  websocket::limits l;
  l.output_bytes_max = 4000;
  for (const bool takeover : {false, true}) {
    for (std::size_t n = 1; n < 12; ++n) {
      CAPTURE(takeover, n);
      compressing c(takeover, l, 512);
      zlib_receiver peer(15, takeover);
      CHECK(c.f.send(known) == errc::ok);
      CHECK(receive(peer, c.f.output()) == known);

      CHECK(c.f.send("\xff" + known) == errc::invalid_argument);
      CHECK(c.f.send(std::string(4001, 'x')) == errc::invalid_argument);
      CHECK(c.f.machine.finish_message() == errc::out_of_turn);
      c.f.memory.refuse(n);
      const errc refused = c.f.send(big);
      c.f.memory.refuse(0);
      const std::string out = c.f.output();
      CHECK(out.empty() == (refused != errc::ok));
      if (refused == errc::ok) {
        CHECK(receive(peer, out) == big);
      } else {
        CHECK(refused == errc::no_memory);
      }
      CHECK(c.f.send(big) == errc::ok);
      CHECK(c.f.send(std::string(4000, 'x')) == errc::would_exceed);
      CHECK(receive(peer, c.f.output()) == big);
      for (const std::string& message : {known, big, known}) {
        CHECK(c.f.send(message) == errc::ok);
        CHECK(receive(peer, c.f.output()) == message);
      }
    }
  }
}

TEST_CASE("websocket: a compressed message in pieces goes on behind a piece that was refused") {
  const std::string piece = noise(1500, 3);
  for (const bool takeover : {false, true}) {
    for (std::size_t n = 1; n < 8; ++n) {
      CAPTURE(takeover, n);
      compressing c(takeover, {}, 512);
      zlib_receiver peer(15, takeover);
      CHECK(c.f.machine.start_message(kind::text) == errc::ok);
      std::string sent;
      std::string wire;
      for (int i = 0; i < 4; ++i) {
        c.f.memory.refuse(i == 2 ? n : 0);
        const errc done = c.f.machine.send_piece(text_bytes(piece));
        c.f.memory.refuse(0);
        if (done == errc::ok) sent += piece;
        wire += c.f.output();
        CHECK(c.f.machine.send_ping() == errc::ok);
        wire += c.f.output();
      }
      CHECK(c.f.machine.finish_message() == errc::ok);
      wire += c.f.output();
      std::string payload;
      bool compressed = false;
      for (const auto& [first, part] : frames_of(wire)) {
        if (first == ping) continue;
        compressed = compressed || (first & rsv1) != 0;
        payload += part;
      }
      CHECK((compressed ? peer.receive(payload) : payload) == sent);
      CHECK(c.f.memory.in_use() == (takeover ? 1 : 0));
    }
  }
}

TEST_CASE("websocket: an end in the middle of compressed messages gives all memory back") {
  const std::string payload = zlib_sender().send(noise(9000, 4));
  for (const bool takeover : {false, true}) {
    for (const int end : {0, 1, 2, 3, 4}) {
      CAPTURE(takeover, end);
      compressing c(takeover);
      CHECK(c.f.machine.start_message(kind::text) == errc::ok);
      CHECK(c.f.machine.send_piece(text_bytes(noise(300, 5))) == errc::ok);
      c.f.output();
      c.f.receive(rsv1 | text_begin, payload.substr(0, 5000));
      CHECK(c.memory.in_use() == deflate::deflate_blocks + 1);
      switch (end) {
        case 0:
          CHECK(c.f.receive(closing, status(1000)) == lines{R"(closed code="1000" reason="")"});
          break;
        case 1:
          CHECK(c.f.machine.close() == errc::ok);
          CHECK(c.f.machine.send_piece(text_bytes("more")) == errc::out_of_turn);
          // What the peer had begun still comes.
          CHECK(c.f.receive(last, payload.substr(5000)).size() >= 1);
          c.f.receive(closing, status(1000));
          break;
        case 2: CHECK(c.f.machine.abort() == errc::ok); break;
        case 3: CHECK(c.f.eof(false) == wrong(fault::connection_lost)); break;
        default: CHECK(c.f.receive(text, "interrupts") == wrong(fault::interrupted_message));
      }
      c.f.output();
      c.f.receive();
      CHECK(c.memory.in_use() == 0);
      CHECK(c.f.memory.in_use() == 0);
      CHECK(c.f.send("more") == errc::connection_gone);
    }
  }
}
