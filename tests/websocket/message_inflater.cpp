#include "message_inflater.hpp"

#include "zlib_peer.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using testkit::heap_storage;
using websocket::fault;
using websocket::message_inflater;
using state = message_inflater::state;

namespace {

struct outcome {
  std::string text;
  std::optional<fault> wrong;

  friend bool operator==(const outcome&, const outcome&) = default;
  friend std::ostream& operator<<(std::ostream& out, const outcome& o) {
    return out << o.text.size() << " bytes, "
               << (o.wrong ? websocket::to_string(*o.wrong) : std::string_view("whole"));
  }
};

// One message, in portions of `portion` bytes, into rooms of `room`.
outcome receive(message_inflater& i, std::string_view payload, std::size_t portion = 100'000,
                std::size_t room = 4096, bool end_alone = false) {
  std::vector<std::byte> out(room);
  outcome result;
  while (true) {
    const std::string_view cut = payload.substr(0, portion);
    payload.remove_prefix(cut.size());
    const bool last = payload.empty() && (cut.empty() || !end_alone);
    const_bytes in = text_bytes(cut);
    while (true) {
      const auto step = i.inflate(in, last, out);
      result.text += as_text(const_bytes(out).first(step.produced));
      result.wrong = step.wrong;
      in = in.subspan(step.consumed);
      if (step.what == state::full && step.produced != room) FAIL("full, with room left");
      if ((step.what == state::failed) != step.wrong.has_value()) FAIL("failed, and no fault");
      if (step.what == state::done || step.what == state::failed) return result;
      if (step.what == state::more) break;
    }
    if (!in.empty() || last) FAIL("more, with input left");
  }
}

outcome whole(std::string_view text) { return {std::string(text), {}}; }

std::string bytes(std::initializer_list<int> values) {
  std::string all;
  for (const int value : values) all += static_cast<char>(value);
  return all;
}

std::string text_of(std::size_t size) {
  std::minstd_rand random(7);
  std::string text;
  while (text.size() < size) {
    text.append(1 + random() % 12, static_cast<char>('a' + random() % 26));
    text += text.substr(random() % text.size(), random() % 30);
  }
  return text.substr(0, size);
}

constexpr websocket::limits standard;

// A stream at a time, for a window of 15 bits.
struct fixture {
  explicit fixture(bool takeover = true, const websocket::limits& l = standard)
      : inflater(memory, 15, takeover, l) {}

  heap_storage memory{deflate::deflate_block_bytes()};
  message_inflater inflater;
};

}  // namespace

TEST_CASE("what RFC 7692 shows as examples is inflated", "[rfc7692-7.2.2]") {
  const std::string hello = bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00});
  for (const unsigned portion : {1U, 3U, 100U}) {
    for (const unsigned room : {1U, 2U, 5U, 100U}) {
      fixture f;
      INFO(portion << " into " << room);
      // 7.2.3.1, and 7.2.3.2: the same again refers to the first.
      CHECK(receive(f.inflater, hello, portion, room) == whole("Hello"));
      CHECK(receive(f.inflater, bytes({0xf2, 0x00, 0x11, 0x00, 0x00}), portion, room) ==
            whole("Hello"));
      // 7.2.3.3: a block without compression.
      CHECK(receive(f.inflater,
                    bytes({0x00, 0x05, 0x00, 0xfa, 0xff, 'H', 'e', 'l', 'l', 'o', 0x00}), portion,
                    room) == whole("Hello"));
      // 7.2.3.4: a block that says it is the last.
      CHECK(receive(f.inflater, bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}), portion,
                    room) == whole("Hello"));
      // 7.2.3.5: two blocks, the first of which was flushed.
      CHECK(receive(f.inflater,
                    bytes({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07,
                           0x00}),
                    portion, room) == whole("Hello"));
      // 7.2.3.6: nothing.
      CHECK(receive(f.inflater, bytes({0x00}), portion, room) == whole(""));
      CHECK(receive(f.inflater, hello, portion, room, true) == whole("Hello"));
    }
  }
}

TEST_CASE("messages of zlib's come back, for each window, in any portions", "[rfc7692-7.2.2]") {
  const std::string text = text_of(70'000);
  for (int bits = 8; bits <= 15; ++bits) {
    for (const bool takeover : {false, true}) {
      INFO(bits << " bits, takeover " << takeover);
      heap_storage memory(deflate::deflate_block_bytes(bits));
      message_inflater inflater(memory, bits, takeover, standard);
      // zlib doesn't make raw deflate of 8 bits; with 9 it refers back by 250 at most.
      zlib_sender peer(bits == 8 ? 9 : bits, takeover);
      for (const unsigned portion : {1U, 7U, 1000U, 100'000U}) {
        CHECK((receive(inflater, peer.send(text), portion) == whole(text)));
        CHECK(receive(inflater, peer.send("short"), portion, 3) == whole("short"));
        CHECK(memory.in_use() == (takeover ? 1 : 0));
      }
      CHECK(memory.in_use_most() == 1);
    }
  }
}

TEST_CASE("a message may refer to earlier ones only if that was agreed on", "[rfc7692-7.2.2]") {
  zlib_sender peer;
  const std::string first = peer.send("Hello");
  const std::string second = peer.send("Hello");
  fixture keeps(true);
  CHECK(receive(keeps.inflater, first) == whole("Hello"));
  CHECK(receive(keeps.inflater, second) == whole("Hello"));
  fixture forgets(false);
  CHECK(receive(forgets.inflater, first) == whole("Hello"));
  CHECK(receive(forgets.inflater, second).wrong == fault::invalid_deflate);
  CHECK(forgets.memory.in_use() == 0);
}

TEST_CASE("blocks behind a last one belong to the same message, and refer back",
          "[rfc7692-7.2.2]") {
  // "xxx" as 'x' and a match at a distance of one, each in a last block with the fixed code.
  const std::string x = bytes({0x01, 0x01, 0x00, 0xfe, 0xff, 'x'});
  const std::string match = bytes({0x03, 0x02, 0x00});
  for (const unsigned portion : {1U, 2U, 100U}) {
    fixture f;
    CHECK(receive(f.inflater, x + match + bytes({0x00}), portion, 1) == whole("xxxx"));
    CHECK(receive(f.inflater, match + bytes({0x00}), portion, 1) == whole("xxx"));
  }
}

TEST_CASE("a message that ends with a last block, or is nothing, needs no byte more") {
  for (const unsigned portion : {1U, 100U}) {
    fixture f;
    CHECK(receive(f.inflater, "", portion) == whole(""));
    CHECK(f.memory.requests() == 0);
    CHECK(receive(f.inflater, bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}), portion) ==
          whole("Hello"));
    CHECK(receive(f.inflater, "", portion) == whole(""));
    CHECK(receive(f.inflater, bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}), portion) ==
          whole("Hello"));
  }
}

TEST_CASE("a message cut inside a block isn't one") {
  // Ten bytes are announced: what stands in for the tail may not become a part of the message.
  const std::string stored = bytes({0x00, 0x0a, 0x00, 0xf5, 0xff, 'H', 'e', 'l', 'l', 'o'});
  zlib_sender peer;
  const std::string packed = peer.send(text_of(5000));
  for (const unsigned portion : {1U, 100'000U}) {
    fixture f;
    CHECK(receive(f.inflater, stored, portion).wrong == fault::invalid_deflate);
    for (std::size_t size = 1; size < packed.size(); ++size) {
      fixture cut;
      INFO(size);
      CHECK(receive(cut.inflater, packed.substr(0, size), portion).wrong == fault::invalid_deflate);
    }
  }
}

TEST_CASE("what isn't deflate is named so, in any portions") {
  const std::string bad = zlib_sender().flush("before ") + bytes({0x07, 0x00});
  for (const unsigned portion : {1U, 2U, 100U}) {
    fixture f;
    CHECK(receive(f.inflater, bad, portion) == outcome{"before ", fault::invalid_deflate});
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("without a block a message fails by no_memory, and nothing is held") {
  fixture f;
  f.memory.refuse(1);
  CHECK(receive(f.inflater, zlib_sender().send("Hello")).wrong == fault::no_memory);
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("the limits hold at the byte, wherever the payload is cut") {
  websocket::limits l;
  l.ratio_free_bytes = 5000;
  l.inflate_ratio_max = 100;
  const std::string bomb = zlib_sender(15, false, 9).send(std::string(10'000'000, 'x'));
  REQUIRE(bomb.size() < 10'240);
  for (const unsigned portion : {1U, 10U, 1023U, 1024U, 1025U, 100'000U}) {
    for (const unsigned room : {1000U, 4096U}) {
      INFO(portion << " into " << room);
      l.message_bytes_max = std::uint64_t{16} << 20;
      fixture ratio(false, l);
      // The first KiB pays for so much, and what the second one pays for isn't known before all of
      // the first has come out.
      const outcome refused = receive(ratio.inflater, bomb, portion, room);
      CHECK(refused.wrong == fault::inflate_ratio_exceeded);
      CHECK(refused.text.size() == 102'400);
      CHECK(ratio.memory.in_use() == 0);

      l.message_bytes_max = 77'777;
      fixture size(false, l);
      const outcome big = receive(size.inflater, bomb, portion, room);
      CHECK(big.wrong == fault::message_too_big);
      CHECK(big.text.size() == 77'777);
    }
  }
}

TEST_CASE("a message of just the limit is whole, and each is counted by itself") {
  websocket::limits l;
  l.message_bytes_max = 5000;
  l.ratio_free_bytes = 5000;
  l.inflate_ratio_max = 1;
  fixture f(true, l);
  zlib_sender peer;
  for (int i = 0; i < 3; ++i) {
    CHECK(receive(f.inflater, peer.send(std::string(5000, 'x'))).wrong == std::nullopt);
  }
  CHECK(receive(f.inflater, peer.send(std::string(5001, 'x'))).wrong == fault::message_too_big);
}

TEST_CASE("limits can be turned off") {
  websocket::limits l;
  l.message_bytes_max = std::numeric_limits<std::uint64_t>::max();
  l.inflate_ratio_max = std::numeric_limits<std::uint32_t>::max();
  fixture f(false, l);
  const std::string huge(20'000'000, 'x');
  CHECK((receive(f.inflater, zlib_sender().send(huge), 1000) == whole(huge)));
}
