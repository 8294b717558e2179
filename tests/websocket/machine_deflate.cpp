// permessage-deflate through a connection, with zlib as the other side.

#include "fixture.hpp"
#include "zlib_peer.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/random.hpp>

#include <catch2/generators/catch_generators.hpp>

#include <array>
#include <limits>

using namespace websocket_test;
using tests::zlib_receiver;
using tests::zlib_sender;

namespace {

const std::string prose = [] {
  std::string all;
  for (int i = 0; i < 40; ++i) all += "Line " + std::to_string(i) + " of what is said again. ";
  return all;
}();

// A connection that agreed on compression, and the memory for it.
struct compressing {
  explicit compressing(role r = role::server, bool takeover = false,
                       const websocket::limits& l = {})
      : f(r, l, tools_of(takeover)) {}

  websocket::tools tools_of(bool takeover) {
    websocket::tools t;
    t.deflate = websocket::deflate_parameters{!takeover, !takeover, 15, 15};
    t.compression.own_context = t.compression.peer_context = takeover;
    t.deflate_memory = &memory;
    return t;
  }

  /// The payload of the one frame that is in the output, and its first byte.
  std::pair<unsigned, std::string> frame() {
    const std::string out = f.output();
    const std::size_t key_bytes = f.side == role::client ? 4 : 0;
    const unsigned first = static_cast<unsigned char>(out.at(0));
    const unsigned length = static_cast<unsigned char>(out.at(1)) & 0x7FU;
    const std::string payload = out.substr((length == 126 ? 4 : 2) + key_bytes);
    const std::string plain = key_bytes == 0 ? payload : masked(payload);
    CHECK(out == f.out(first, plain));
    return {first, plain};
  }

  testkit::heap_storage memory{deflate::deflate_block_bytes()};
  fixture f;
};

lines whole(std::string_view text) { return {"text " + testkit::in_quotes(text)}; }

}  // namespace

TEST_CASE("websocket: a compressed message as RFC 7692 7.2.3 shows it, and in fragments",
          "[rfc7692-6.2][rfc7692-7.2.2][rfc7692-7.2.3.1]") {
  for (const role side : {role::server, role::client}) {
    compressing c(side);
    CHECK(c.f.receive(rsv1 | text, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == whole("Hello"));
    CHECK(c.f.receive(rsv1 | text_begin, "\xf2\x48\xcd"sv) == lines{R"(text> "He")"});
    CHECK(c.f.receive(last, "\xc9\xc9\x07\x00"sv) == lines{R"(<text "llo")"});
    // A message that isn't compressed may come at any time.
    CHECK(c.f.receive(text, "plain") == whole("plain"));
    CHECK(c.f.memory.in_use() == 0);
    CHECK(c.memory.in_use() == 0);
  }
}

TEST_CASE("websocket: what we compress a peer undoes, with and without what it saw before",
          "[rfc7692-6.1][rfc7692-7.1.1.1][rfc7692-7.1.1.2][rfc7692-7.2.1]") {
  for (const role side : {role::server, role::client}) {
    for (const bool takeover : {false, true}) {
      CAPTURE(takeover);
      compressing c(side, takeover);
      zlib_receiver peer(15, takeover);
      std::size_t first_size = 0;
      for (int i = 0; i < 3; ++i) {
        CHECK(c.f.send(prose) == errc::ok);
        const auto [first, payload] = c.frame();
        CHECK(first == (rsv1 | text));
        CHECK(peer.receive(payload) == prose);
        if (i == 0) first_size = payload.size();
        if (i > 0) CHECK((payload.size() < first_size) == takeover);
        CHECK((c.memory.in_use() == 0) == !takeover);
        CHECK(c.f.memory.in_use() == (takeover ? 1 : 0));
      }
    }
  }
}

TEST_CASE("websocket: the peer's messages may refer to its earlier ones, if that was agreed on",
          "[rfc7692-7.1.1.1][rfc7692-7.2.2]") {
  for (const bool takeover : {false, true}) {
    compressing c(role::server, takeover);
    zlib_sender peer(15, takeover);
    for (int i = 0; i < 3; ++i) {
      CHECK(c.f.receive(rsv1 | text, peer.send(prose)) == whole(prose));
      CHECK((c.memory.in_use() == 0) == !takeover);
    }
  }
  // ... and if it wasn't, there is nothing to refer to.
  compressing c(role::server, false);
  zlib_sender peer(15, true);
  CHECK(c.f.receive(rsv1 | text, peer.send(prose)) == whole(prose));
  CHECK(c.f.receive(rsv1 | text, peer.send(prose)).back() == wrong(fault::invalid_deflate).front());
}

TEST_CASE("websocket: small messages, and those that don't get smaller, stay plain",
          "[rfc7692-6]") {
  compressing c;
  CHECK(c.f.send(std::string(63, 'a')) == errc::ok);
  CHECK(c.frame().first == text);
  CHECK(c.f.send(std::string(64, 'a')) == errc::ok);
  CHECK(c.frame().first == (rsv1 | text));
  std::string noise;
  testkit::random numbers(1);
  for (int i = 0; i < 100; ++i) noise += static_cast<char>(numbers.next());
  CHECK(c.f.send(noise, kind::binary) == errc::ok);
  CHECK(c.frame() == std::pair(binary, noise));
}

TEST_CASE("websocket: a message in pieces is compressed, its first frame alone has RSV1",
          "[rfc7692-6.1]") {
  for (const role side : {role::server, role::client}) {
    compressing c(side);
    zlib_receiver peer(15, false);
    CHECK(c.f.machine.start_message(kind::text) == errc::ok);
    CHECK(c.f.machine.send_piece(text_bytes("Hel")) == errc::ok);
    auto [first, payload] = c.frame();
    CHECK(first == (rsv1 | text_begin));
    std::string message = peer.feed(payload);
    CHECK(c.f.machine.send_ping() == errc::ok);
    CHECK(c.f.output() == c.f.out(ping));
    CHECK(c.f.machine.send_piece(text_bytes("lo")) == errc::ok);
    std::tie(first, payload) = c.frame();
    CHECK(first == middle);
    message += peer.feed(payload);
    CHECK(c.f.machine.finish_message() == errc::ok);
    std::tie(first, payload) = c.frame();
    CHECK(first == last);
    message += peer.receive(payload);
    CHECK(message == "Hello");
    CHECK(c.memory.in_use() == 0);
    CHECK(c.f.memory.in_use() == 0);
  }
}

TEST_CASE("websocket: RSV1 on control frames and on later fragments", "[rfc7692-6.1]") {
  compressing c;
  CHECK(c.f.receive(std::string(1, static_cast<char>(rsv1 | ping))) ==
        wrong(fault::compressed_control));
  compressing d;
  CHECK(d.f.receive(up(text_begin, "a") + static_cast<char>(rsv1 | last)).back() ==
        wrong(fault::compressed_continuation).front());
  compressing e;
  CHECK(e.f.receive(std::string(1, static_cast<char>(0x20 | text))) == wrong(fault::reserved_bits));
}

TEST_CASE("websocket: what is wrong in compressed messages, and what is told before it",
          "[rfc7692-7.2.2][rfc6455-8.1]") {
  zlib_sender peer(15, false);
  compressing c;
  CHECK(c.f.receive(rsv1 | text, "\xff\xff\xff"sv) == wrong(fault::invalid_deflate));
  CHECK(c.f.output() == down(closing, status(1007)));
  CHECK(c.memory.in_use() == 0);
  compressing d;
  CHECK(d.f.receive(rsv1 | text, peer.send("ab\xFF")) ==
        lines{R"(text> "ab")", wrong(fault::invalid_utf8).front()});
  CHECK(d.f.output() == down(closing, status(1007)));
  CHECK(d.f.memory.in_use() == 0);
  compressing e;
  CHECK(e.f.receive(rsv1 | text, peer.send("ab\xC3")) ==
        lines{R"(text> "ab\xc3")", wrong(fault::invalid_utf8).front()});
}

TEST_CASE("websocket: a message's size counts when it is inflated") {
  websocket::limits l;
  l.message_bytes_max = 1000;
  zlib_sender peer(15, false);
  compressing c(role::server, false, l);
  CHECK(c.f.receive(rsv1 | text, peer.send(std::string(1000, 'a'))).size() == 1);
  const lines told = c.f.receive(rsv1 | text, peer.send(std::string(1001, 'a')));
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "text> " + testkit::in_quotes(std::string(1000, 'a')));
  CHECK(told[1] == wrong(fault::message_too_big).front());
  CHECK(c.f.output() == down(closing, status(1009)));
  // Payload that comes to nothing doesn't come for ever.
  compressing d(role::client, false, l);
  CHECK(d.f.receive("\xC2\x7F\x40\0\0\0\0\0\0\0"sv) == wrong(fault::message_too_big));
}

TEST_CASE("websocket: a bomb is refused within the memory of one block and its inflater") {
  websocket::limits l;
  l.message_bytes_max = std::numeric_limits<std::uint64_t>::max();
  zlib_sender peer(15, false);
  compressing c(role::server, false, l);
  const lines told =
      c.f.receive(rsv1 | binary, peer.send(std::string(std::size_t{64} << 20, '\0')));
  CHECK(told.back() == wrong(fault::inflate_ratio_exceeded).front());
  std::size_t bytes = 0;
  for (const std::string& piece : told)
    bytes += static_cast<std::size_t>(std::ranges::count(piece, 'x'));  // "\x00"
  CHECK(bytes <= (std::size_t{1} << 20) + 101 * 1024);
  CHECK(c.f.memory.in_use_most() == 2);  // the other one is the Close's
  CHECK(c.memory.in_use_most() == 1);
  CHECK(c.f.output() == down(closing, status(1009)));
}

TEST_CASE("websocket: without memory for it messages are sent plain, and none is inflated") {
  compressing c;
  c.memory.cap(0);
  CHECK(c.f.send(prose) == errc::ok);
  CHECK(c.frame() == std::pair(text, prose));
  CHECK(c.f.receive(rsv1 | text, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == wrong(fault::no_memory));
  CHECK(c.f.output() == down(closing, status(1011)));

  websocket::tools none;
  none.deflate = websocket::deflate_parameters{};
  fixture f(role::server, {}, none);
  CHECK(f.send(prose) == errc::ok);
  CHECK(f.output() == down(text, prose));
  CHECK(f.receive(rsv1 | text, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == wrong(fault::no_memory));
}

TEST_CASE("websocket: a message that began plain goes on so, when there is memory again") {
  for (const bool pieces : {false, true}) {
    compressing c;
    c.memory.cap(0);
    CHECK(c.f.machine.start_message(kind::text) == errc::ok);
    CHECK(c.f.machine.send_piece(text_bytes(prose)) == errc::ok);
    CHECK(c.frame() == std::pair(text_begin, prose));
    CHECK(c.f.memory.in_use() == 0);
    c.memory.cap(10);
    if (pieces) {
      CHECK(c.f.machine.send_piece(text_bytes(prose)) == errc::ok);
      CHECK(c.frame() == std::pair(middle, prose));
      CHECK(c.f.memory.in_use() == 0);
    }
    CHECK(c.f.machine.finish_message() == errc::ok);
    CHECK(c.frame() == std::pair(last, std::string()));
  }
}

TEST_CASE("websocket: a compressed message that is held doesn't go on, and loses nothing") {
  compressing c;
  zlib_sender peer(15, false);
  const std::string big(20'000, 'h');
  std::string lent = up(rsv1 | binary, peer.send(big));
  std::string got;
  auto cursor = c.f.machine.receive(std::as_writable_bytes(std::span(lent)));
  while (const auto e = cursor.next()) {
    got += as_text(std::get<websocket::message>(*e).bytes);
    CHECK(c.f.machine.hold() == errc::ok);
  }
  CHECK(got.size() < 4096);
  c.f.kept.assign(as_text(cursor.remaining()));
  while (got.size() < big.size()) {
    CHECK(c.f.receive().empty());
    CHECK(c.f.machine.resume() == errc::ok);
    const auto bytes = std::make_unique<char[]>(c.f.kept.size());
    std::ranges::copy(c.f.kept, bytes.get());
    auto more =
        c.f.machine.receive(std::as_writable_bytes(std::span(bytes.get(), c.f.kept.size())));
    while (const auto e = more.next()) {
      got += as_text(std::get<websocket::message>(*e).bytes);
      CHECK(c.f.machine.hold() == errc::ok);
    }
    c.f.kept.assign(as_text(more.remaining()));
  }
  CHECK(got == big);
}

namespace {

// How much there is in so many bytes of a message.
std::size_t bytes_in(std::string lent) {
  compressing c;
  std::size_t all = 0;
  auto cursor = c.f.machine.receive(std::as_writable_bytes(std::span(lent)));
  while (const auto e = cursor.next()) all += std::get<websocket::message>(*e).bytes.size();
  return all;
}

}  // namespace

TEST_CASE("websocket: the end of input waits for what a message that is held inflates to") {
  const std::size_t missing = GENERATE(0U, 1U);  // bytes of the frame that don't come
  CAPTURE(missing);
  zlib_sender peer(15, false);
  int met = 0;
  for (std::size_t size = 3900; size < 4500; size += 10) {
    compressing c;
    std::string lent = up(rsv1 | binary, peer.send(std::string(size, 'h')));
    lent.resize(lent.size() - missing);
    const std::size_t there = bytes_in(lent);
    auto cursor = c.f.machine.receive(std::as_writable_bytes(std::span(lent)));
    const auto event = cursor.next();
    REQUIRE(event);
    const auto& piece = std::get<websocket::message>(*event);
    CHECK(c.f.machine.hold() == errc::ok);
    CHECK(!cursor.next());
    const bool all_told = missing == 0 ? piece.last : piece.bytes.size() == there;
    if (all_told || !cursor.remaining().empty()) continue;
    // All input was taken, and there is more to come of it.
    ++met;
    CHECK(c.f.eof().empty());
    CHECK(c.f.machine.resume() == errc::ok);
    const lines rest = c.f.receive();
    REQUIRE(rest.size() == 2);
    CHECK(rest.back() == wrong(fault::connection_lost).front());
  }
  CHECK(met > 0);
}

TEST_CASE("websocket: inflated bytes may be lent on: they are copied") {
  compressing c;
  c.memory.cap(1);  // for the inflater: what is sent stays plain
  zlib_sender peer(15, false);
  const std::string big(50'000, 'l');
  std::string lent = up(rsv1 | binary, peer.send(big));
  auto cursor = c.f.machine.receive(std::as_writable_bytes(std::span(lent)));
  CHECK(c.f.machine.start_message(kind::binary) == errc::ok);
  while (const auto e = cursor.next()) {
    CHECK(c.f.machine.send_piece(std::get<websocket::message>(*e).bytes, lifetime::lent) ==
          errc::ok);
  }
  CHECK(c.f.machine.finish_message() == errc::ok);
  fixture other(role::client);
  const lines told = other.receive(c.f.output());
  std::string echoed;
  for (const std::string& piece : told) {
    const std::size_t begin = piece.find('"') + 1;
    echoed += piece.substr(begin, piece.size() - begin - 1);
  }
  CHECK(echoed == big);
}

TEST_CASE("websocket: an inflated message lives until the next event, whatever is sent meanwhile") {
  compressing c;
  std::string lent = up(rsv1 | text, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv);
  auto cursor = c.f.machine.receive(std::as_writable_bytes(std::span(lent)));
  const auto event = cursor.next();
  REQUIRE(event);
  const const_bytes bytes = std::get<websocket::message>(*event).bytes;
  CHECK(c.f.send(prose) == errc::ok);
  CHECK(c.f.machine.abort() == errc::ok);
  CHECK(as_text(bytes) == "Hello");
  CHECK(!cursor.next());
  CHECK(c.f.memory.in_use() == 0);
}

TEST_CASE("websocket: the directions remember and forget each for itself",
          "[rfc7692-7.1.1.1][rfc7692-7.1.1.2]") {
  // The peer may refer to its earlier messages, our own forget: as agreed, or because we want it.
  for (const bool agreed : {true, false}) {
    testkit::heap_storage memory(deflate::deflate_block_bytes());
    websocket::tools t;
    t.deflate = websocket::deflate_parameters{agreed, false, 15, 15};
    t.compression.own_context = agreed;
    t.deflate_memory = &memory;
    fixture f(role::server, {}, t);
    zlib_sender sender(15, true);
    zlib_receiver receiver(15, false);
    for (int i = 0; i < 2; ++i) {
      CHECK(f.send(prose) == errc::ok);
      const std::string out = f.output();
      CHECK(receiver.receive(out.substr(4)) == prose);
      CHECK(f.receive(rsv1 | text, sender.send(prose)) == whole(prose));
      CHECK(f.memory.in_use() == 1);
      CHECK(memory.in_use() == 1);  // the inflater's
    }
  }
}

TEST_CASE("websocket: we refer back no further than was agreed on, nor than we want",
          "[rfc7692-7.1.2.1][rfc7692-7.1.2.2]") {
  std::string noise;
  testkit::random numbers(2);
  while (noise.size() < 1000) noise += static_cast<char>(numbers.next());
  constexpr std::array<std::uint8_t, 2> bits{15, 9};
  const std::string twice = noise + noise + std::string(200, 'z');
  for (const std::uint8_t agreed : bits) {
    for (const std::uint8_t wanted : bits) {
      for (const role side : {role::server, role::client}) {
        testkit::heap_storage memory(deflate::deflate_block_bytes());
        websocket::tools t;
        t.deflate = side == role::server ? websocket::deflate_parameters{true, true, agreed, 15}
                                         : websocket::deflate_parameters{true, true, 15, agreed};
        t.compression.own_window_bits = wanted;
        t.deflate_memory = &memory;
        fixture f(side, {}, t);
        CHECK(f.send(twice, kind::binary) == errc::ok);
        std::string payload = f.output().substr(side == role::server ? 4 : 8);
        if (side == role::client) payload = masked(payload);
        const bool near = agreed == 9 || wanted == 9;
        CHECK((payload.size() > 2000) == near);
        CHECK(zlib_receiver(near ? 9 : 15, false).receive(payload) == twice);
      }
    }
  }
}

TEST_CASE("websocket: what refers to earlier messages is held until the end, and no longer") {
  compressing c(role::server, true);
  CHECK(c.f.send(prose) == errc::ok);
  c.f.output();
  CHECK(c.f.memory.in_use() == 1);
  CHECK(c.memory.in_use() == deflate::deflate_blocks);
  CHECK(c.f.machine.abort() == errc::ok);
  CHECK(c.f.memory.in_use() == 0);
  CHECK(c.memory.in_use() == 0);
}

TEST_CASE("websocket: a prepared message goes compressed to those that it can go to",
          "[rfc7692-7.2.1]") {
  testkit::heap_storage memory(deflate::deflate_block_bytes());
  deflate::deflater deflater(memory, 12, 6);
  std::string plain(websocket::prepared_bytes(prose.size()), '\0');
  std::string deflated(websocket::prepared_bytes(prose.size()), '\0');
  const auto room = [](std::string& of) { return std::as_writable_bytes(std::span(of)); };
  websocket::prepared_message both;
  both.plain = websocket::prepare(kind::text, text_bytes(prose), room(plain));
  both.deflated =
      websocket::prepare_deflated(kind::text, text_bytes(prose), deflater, room(deflated));
  both.deflated_window_bits = 12;
  // A second one by the same deflater refers to nothing in the first.
  both.deflated =
      websocket::prepare_deflated(kind::text, text_bytes(prose), deflater, room(deflated));
  REQUIRE(!both.deflated.empty());
  CHECK(both.deflated.size() < both.plain.size());

  compressing forgets;
  CHECK(forgets.f.machine.send_prepared(both) == errc::ok);
  const auto [first, payload] = forgets.frame();
  CHECK(first == (rsv1 | text));
  CHECK(zlib_receiver(12, false).receive(payload) == prose);

  compressing remembers(role::server, true);
  CHECK(remembers.f.machine.send_prepared(both) == errc::ok);
  CHECK(remembers.f.output() == as_text(both.plain));

  websocket::tools narrow;
  narrow.deflate = websocket::deflate_parameters{true, true, 11, 15};
  narrow.deflate_memory = &memory;
  fixture f(role::server, {}, narrow);
  CHECK(f.machine.send_prepared(both) == errc::ok);
  CHECK(f.output() == as_text(both.plain));

  fixture disagreed;
  CHECK(disagreed.machine.send_prepared(both) == errc::ok);
  CHECK(disagreed.output() == as_text(both.plain));

  CHECK(websocket::prepare_deflated(kind::text, {}, deflater, room(deflated)).empty());
}

TEST_CASE("websocket: a prepared message is compressed whole or not at all, whatever the room") {
  testkit::heap_storage memory(deflate::deflate_block_bytes());
  deflate::deflater deflater(memory, 15, 1);
  std::string all(websocket::prepared_bytes(prose.size()), '\0');
  const auto room = std::as_writable_bytes(std::span(all));
  std::size_t needed = 0;  // the least room that is enough
  for (std::size_t n = 0; n <= room.size(); ++n) {
    const const_bytes frame =
        websocket::prepare_deflated(kind::text, text_bytes(prose), deflater, room.first(n));
    if (frame.empty()) {
      REQUIRE(needed == 0);
      continue;
    }
    if (needed == 0) needed = n;
    const std::string payload(as_text(frame.subspan(4)));
    REQUIRE(zlib_receiver(15, false).receive(payload) == prose);
  }
  CHECK(needed > 14);
  CHECK(needed < prose.size() / 2);
}
