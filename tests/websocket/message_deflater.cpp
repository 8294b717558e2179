#include "message_deflater.hpp"

#include "zlib_peer.hpp"

#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using testkit::heap_storage;
using websocket::frame_header;
using websocket::message_deflater;
using websocket::opcode;
using outcome = message_deflater::outcome;

namespace {

std::string text_of(std::size_t size, unsigned seed = 7) {
  std::minstd_rand random(seed);
  std::string text;
  while (text.size() < size) {
    text.append(1 + random() % 12, static_cast<char>('a' + random() % 26));
    text += text.substr(random() % text.size(), random() % 30);
  }
  return text.substr(0, size);
}

std::string noise(std::size_t size, unsigned seed = 7) {
  std::mt19937 random(seed);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(random());
  return bytes;
}

frame_header header(opcode op, bool fin, bool masked = false) {
  frame_header h;
  h.opcode = op;
  h.fin = fin;
  h.masked = masked;
  h.key = {std::byte{0x12}, std::byte{0x34}, std::byte{0x56}, std::byte{0x78}};
  return h;
}
const frame_header one = header(opcode::text, true);
const frame_header first = header(opcode::text, false);
const frame_header middle = header(opcode::continuation, false);
const frame_header final = header(opcode::continuation, true);

struct frame {
  frame_header header;
  std::string payload;  // unmasked
};

// Everything in the queue, as frames; there is nothing else in it.
std::vector<frame> take_frames(output_queue& queue) {
  std::string wire;
  while (!queue.empty()) {
    std::size_t shown = 0;
    for (const const_bytes piece : queue.output(1 << 20)) {
      REQUIRE_FALSE(piece.empty());
      wire += as_text(piece);
      shown += piece.size();
    }
    queue.consume(shown);
  }
  std::vector<frame> frames;
  while (!wire.empty()) {
    websocket::frame_rules rules{.masked = (wire.at(1) & 0x80) != 0, .compression = true};
    rules.message_open = (wire.at(0) & 0x0f) == 0;
    frame f;
    const auto reading = websocket::read_header(text_bytes(wire), rules, f.header);
    REQUIRE(reading.size != 0);  // A length that isn't minimal would be refused.
    f.payload = wire.substr(reading.size, f.header.length);
    REQUIRE(f.payload.size() == f.header.length);
    for (std::size_t i = 0; rules.masked && i < f.payload.size(); ++i) {
      f.payload[i] ^= static_cast<char>(f.header.key[i % 4]);
    }
    wire.erase(0, reading.size + f.payload.size());
    frames.push_back(std::move(f));
  }
  return frames;
}

struct fixture {
  explicit fixture(bool takeover = true, std::size_t block_bytes = 16 * 1024, int bits = 15,
                   int level = 6)
      : memory(block_bytes),
        deflate_memory(deflate::deflate_block_bytes(bits)),
        deflater(deflate_memory, bits, level, takeover) {}

  heap_storage memory;
  heap_storage deflate_memory;
  output_queue queue{memory};
  message_deflater deflater;
};

}  // namespace

TEST_CASE("messages come back by zlib's inflate, for each window, level and takeover",
          "[rfc7692-7.2.1]") {
  const std::string text = text_of(70'000);
  for (int bits = 8; bits <= 15; ++bits) {
    for (const int level : {1, 5, 6, 9}) {
      for (const bool takeover : {false, true}) {
        INFO(bits << " bits, level " << level << ", takeover " << takeover);
        fixture f(takeover, 16 * 1024, bits, level);
        zlib_receiver peer(bits, takeover);
        for (const unsigned size : {70'000U, 1000U, 70'000U, 200U}) {
          const std::string message = text.substr(0, size);
          REQUIRE(f.deflater.send(one, text_bytes(message), f.queue) == outcome::queued);
          const auto frames = take_frames(f.queue);
          REQUIRE(frames.size() == 1);
          CHECK(frames[0].header.compressed);
          CHECK(frames[0].header.fin);
          CHECK(frames[0].payload.size() < message.size());
          CHECK((peer.receive(frames[0].payload) == message));
          CHECK(f.deflate_memory.in_use() == (takeover ? f.deflate_memory.in_use_most() : 0));
        }
        CHECK(f.deflate_memory.in_use_most() <= deflate::deflate_blocks);
      }
    }
  }
}

TEST_CASE("the tail is taken from the end wherever blocks begin", "[rfc7692-7.2.1]") {
  // With blocks this small every position of the tail relative to their borders comes up.
  const std::string bytes = noise(3000);
  for (const bool masked : {false, true}) {
    fixture f(true, 512);
    zlib_receiver peer;
    for (std::size_t size = 1; size < 1500; ++size) {
      INFO(size);
      const std::string message = bytes.substr(size, size);
      REQUIRE(f.deflater.send(header(opcode::binary, true, masked), text_bytes(message), f.queue) ==
              outcome::queued);
      const auto frames = take_frames(f.queue);
      REQUIRE(frames.size() == 1);
      CHECK(frames[0].header.masked == masked);
      CHECK_FALSE(frames[0].payload.ends_with(deflate_tail));
      CHECK((peer.receive(frames[0].payload) == message));
    }
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("a message in pieces can be inflated piece by piece", "[rfc7692-7.2.1]") {
  const std::string text = text_of(50'000);
  for (const bool takeover : {false, true}) {
    fixture f(takeover, 1024);
    zlib_receiver peer(15, takeover);
    for (int message = 0; message < 3; ++message) {
      std::string received;
      frame_header next = first;
      for (const unsigned size : {1U, 20'000U, 300U, 5U}) {
        const std::string piece = text.substr(size, size);
        REQUIRE(f.deflater.send(next, text_bytes(piece), f.queue) == outcome::queued);
        const auto frames = take_frames(f.queue);
        REQUIRE(frames.size() == 1);
        CHECK(frames[0].header.compressed == (next.opcode == opcode::text));
        CHECK((peer.feed(frames[0].payload) == piece));
        next = middle;
      }
      CHECK(f.deflate_memory.in_use() == deflate::deflate_blocks);
      REQUIRE(f.deflater.send(final, {}, f.queue) == outcome::queued);
      const auto frames = take_frames(f.queue);
      REQUIRE(frames.size() == 1);
      CHECK(frames[0].payload == std::string(1, '\0'));
      CHECK(peer.receive(frames[0].payload).empty());
      CHECK(f.deflate_memory.in_use() == (takeover ? deflate::deflate_blocks : 0));
    }
  }
}

TEST_CASE("the last piece may have bytes, and the first may have none", "[rfc7692-7.2.3.6]") {
  fixture f;
  zlib_receiver peer;
  REQUIRE(f.deflater.send(first, {}, f.queue) == outcome::queued);
  REQUIRE(f.deflater.send(middle, {}, f.queue) == outcome::queued);
  REQUIRE(f.deflater.send(final, text_bytes("Hello"), f.queue) == outcome::queued);
  const auto frames = take_frames(f.queue);
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].header.compressed);
  CHECK(peer.receive(frames[0].payload + frames[1].payload + frames[2].payload) == "Hello");
}

TEST_CASE("what doesn't get smaller is sent as it is, unless later messages refer to it") {
  const std::string bytes = noise(5000);
  fixture forgets(false, 512);
  REQUIRE(forgets.queue.copy(text_bytes("before")) == errc::ok);
  CHECK(forgets.deflater.send(one, text_bytes(bytes), forgets.queue) == outcome::plain);
  CHECK(forgets.queue.size() == 6);
  CHECK(forgets.memory.in_use() == 1);
  CHECK(forgets.deflate_memory.in_use() == 0);
  CHECK(forgets.deflater.send(one, {}, forgets.queue) == outcome::plain);

  fixture keeps(true);
  zlib_receiver peer;
  REQUIRE(keeps.deflater.send(one, text_bytes(bytes), keeps.queue) == outcome::queued);
  CHECK((peer.receive(take_frames(keeps.queue).at(0).payload) == bytes));
  REQUIRE(keeps.deflater.send(one, text_bytes(bytes), keeps.queue) == outcome::queued);
  const auto frames = take_frames(keeps.queue);
  CHECK(frames.at(0).payload.size() < 100);
  CHECK((peer.receive(frames.at(0).payload) == bytes));
  CHECK(keeps.deflater.send(one, {}, keeps.queue) == outcome::plain);
}

TEST_CASE("without memory of its own a deflater leaves messages plain") {
  for (std::size_t n = 1; n <= deflate::deflate_blocks; ++n) {
    for (const frame_header& begin : {one, first}) {
      fixture f;
      f.deflate_memory.refuse(n);
      CHECK(f.deflater.send(begin, text_bytes(text_of(1000)), f.queue) == outcome::plain);
      CHECK(f.queue.empty());
      CHECK(f.memory.in_use() == 0);
      CHECK(f.deflate_memory.in_use() == 0);
      f.deflate_memory.refuse(0);
      CHECK(f.deflater.send(begin, text_bytes(text_of(1000)), f.queue) == outcome::queued);
    }
  }
}

TEST_CASE("when the output has no room nothing is queued, and the next message can be read") {
  const std::string before = text_of(3000, 1);
  const std::string lost = noise(3000, 2);
  for (std::size_t n = 1; n < 20; ++n) {
    INFO(n);
    fixture f(true, 512);
    zlib_receiver peer;
    REQUIRE(f.deflater.send(one, text_bytes(before), f.queue) == outcome::queued);
    CHECK((peer.receive(take_frames(f.queue).at(0).payload) == before));
    REQUIRE(f.queue.copy(text_bytes("queued")) == errc::ok);
    f.memory.refuse(n);
    const outcome done = f.deflater.send(one, text_bytes(lost), f.queue);
    f.memory.refuse(0);
    if (done == outcome::queued) break;
    CHECK(done == outcome::no_memory);
    CHECK(f.queue.size() == 6);
    CHECK(f.memory.in_use() == 1);
    f.queue.consume(6);
    // The peer never saw what was lost: nothing may refer to it, nor to what was before it.
    for (const std::string& message : {lost, before, lost}) {
      REQUIRE(f.deflater.send(one, text_bytes(message), f.queue) == outcome::queued);
      CHECK((peer.receive(take_frames(f.queue).at(0).payload) == message));
    }
    REQUIRE(n < 10);
  }
}

TEST_CASE("a piece that finds no room can be tried again") {
  const std::string pieces = noise(3000);
  for (const bool takeover : {false, true}) {
    fixture f(takeover, 512);
    zlib_receiver peer(15, takeover);
    REQUIRE(f.deflater.send(first, text_bytes("Hello"), f.queue) == outcome::queued);
    CHECK(peer.feed(take_frames(f.queue).at(0).payload) == "Hello");
    f.memory.refuse(3);
    REQUIRE(f.deflater.send(middle, text_bytes(pieces), f.queue) == outcome::no_memory);
    CHECK(f.queue.empty());
    f.memory.refuse(0);
    REQUIRE(f.deflater.send(middle, text_bytes(pieces), f.queue) == outcome::queued);
    CHECK((peer.feed(take_frames(f.queue).at(0).payload) == pieces));
    f.memory.refuse(1);
    REQUIRE(f.deflater.send(final, {}, f.queue) == outcome::no_memory);
    f.memory.refuse(0);
    REQUIRE(f.deflater.send(final, {}, f.queue) == outcome::queued);
    CHECK(peer.receive(take_frames(f.queue).at(0).payload).empty());
  }
}

TEST_CASE("no memory is held for a message that couldn't begin") {
  fixture f(false, 512);
  f.memory.refuse(2);
  CHECK(f.deflater.send(first, text_bytes(noise(3000)), f.queue) == outcome::no_memory);
  CHECK(f.deflate_memory.in_use() == 0);
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("the memory for a message is bounded by its size, whatever it is") {
  constexpr std::size_t block = 4096;
  for (const unsigned size : {100U, 10'000U, 100'000U}) {
    fixture f(true, block);
    REQUIRE(f.deflater.send(one, text_bytes(noise(size)), f.queue) == outcome::queued);
    // A block without compression costs 5 bytes, and holds at least 2000.
    const std::size_t most = size + (size / 2000 + 2) * 5 + websocket::frame_header_bytes_max;
    CHECK(f.queue.size() <= most);
    // No run is shorter than 64 bytes: so much of each block may stay unused.
    CHECK(f.memory.in_use() <= most / (block - 120 - 64) + 2);
  }
}
