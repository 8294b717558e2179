// RFC 6455 5, 6 and 8: frames and messages, sentence by sentence.
#include "rules_fixture.hpp"

#include <algorithm>
#include <set>

using namespace websocket_test;

namespace {

class recording_entropy final : public entropy {
 public:
  void fill(mutable_bytes to) noexcept override {
    for (std::byte& b : to) b = static_cast<std::byte>(source_.next());
    given.emplace_back(as_text(to));
  }
  std::vector<std::string> given;

 private:
  testkit::random source_{5};
};

}  // namespace

TEST_CASE("RFC 6455 5.1: a client masks each frame, and says so",
          "[rfc6455-5.1a][rfc6455-5.3a][rfc6455-6.1g][client]") {
  fixture f(role::client);
  for (const wire_frame& frame : frames_of_all_kinds(f)) {
    CHECK(frame.masked);
    CHECK(frame.key == key);
  }
}

TEST_CASE("RFC 6455 5.1: a server masks none", "[rfc6455-5.1c][server]") {
  fixture f;
  for (const wire_frame& frame : frames_of_all_kinds(f)) CHECK_FALSE(frame.masked);
}

TEST_CASE("RFC 6455 5.1: a server closes on a frame that isn't masked", "[rfc6455-5.1b][server]") {
  for (const unsigned first : {text, binary, text_begin, ping, pong, closing}) {
    fixture f;
    check_fails(f, down(first), fault::unmasked_frame);
    CHECK(f.fin);
  }
}

TEST_CASE("RFC 6455 5.1: a client closes on a frame that is masked", "[rfc6455-5.1d][client]") {
  for (const unsigned first : {text, binary, text_begin, ping, pong, closing}) {
    fixture f(role::client);
    check_fails(f, up(first), fault::masked_frame);
    CHECK(f.eof().empty());
    CHECK(f.machine.ending() == ending::close);
  }
}

TEST_CASE("RFC 6455 5.2: no RSV bit is set that no extension gave a meaning",
          "[rfc6455-5.2a][rfc6455-5.2g][rfc6455-5.2h][rfc6455-5.2i][rfc6455-5.8a]") {
  for (const role side : both_roles) {
    fixture f(side);
    for (const wire_frame& frame : frames_of_all_kinds(f)) CHECK(frame.rsv() == 0);
  }
}

TEST_CASE("RFC 6455 5.2: an RSV bit that no extension gave a meaning is the end",
          "[rfc6455-5.2b][rfc6455-5.2g][rfc6455-5.2h][rfc6455-5.2i][rfc6455-5.8a]"
          "[rfc6455-10.7a]") {
  for (const role side : both_roles) {
    for (unsigned rsv = 0x10; rsv <= 0x70; rsv += 0x10) {
      for (const unsigned first : {text, binary, text_begin, ping, pong, closing}) {
        fixture f(side);
        check_fails(f, f.in(first | rsv), fault::reserved_bits);
      }
      fixture f(side);
      CHECK(f.receive(text_begin, "a").size() == 1);
      check_fails(f, f.in(last | rsv), fault::reserved_bits);
    }
  }
}

TEST_CASE("RFC 6455 5.2: an opcode that is reserved is the end", "[rfc6455-5.2c]") {
  for (const role side : both_roles) {
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
      for (const bool fin : {false, true}) {
        fixture f(side);
        check_fails(f, f.in((fin ? 0x80 : 0) | opcode), fault::reserved_opcode);
      }
    }
  }
}

TEST_CASE("RFC 6455 5.2: a length of 64 bits that begins with a one is the end", "[rfc6455-5.2d]") {
  for (const role side : both_roles) {
    const char mask = side == role::server ? '\xFF' : '\x7F';
    for (const char first : {'\x80', '\xFF'}) {
      fixture f(side);
      check_fails(f, std::string("\x82") + mask + first + std::string(7, '\0'),
                  fault::length_over_63_bits);
    }
  }
}

TEST_CASE("RFC 6455 5.2: lengths are written as short as they can be",
          "[rfc6455-5.2d][rfc6455-5.2e]") {
  for (const role side : both_roles) {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 100'000U}) {
      fixture f(side);
      REQUIRE(f.send(std::string(size, 'x')) == errc::ok);
      REQUIRE(f.machine.start_message(kind::binary) == errc::ok);
      REQUIRE(f.machine.send_piece(text_bytes(std::string(size, 'y'))) == errc::ok);
      REQUIRE(f.machine.finish_message() == errc::ok);
      const auto frames = frames_in(f.output());
      for (const wire_frame& frame : frames) CHECK(frame.length_minimal);
      CHECK(frames.front().payload.size() == size);
    }
  }
}

TEST_CASE("RFC 6455 5.2: a length that could be shorter is the end", "[rfc6455-5.2e]") {
  for (const role side : both_roles) {
    const unsigned bit = side == role::server ? 0x80 : 0;
    for (const std::string_view form : {"\x7E\0\0"sv, "\x7E\0\x7C"sv, "\x7E\0\x7D"sv,
                                        "\x7F\0\0\0\0\0\0\0\x7E"sv, "\x7F\0\0\0\0\0\0\xFF\xFF"sv}) {
      fixture f(side);
      std::string bytes = "\x82" + std::string(form);
      bytes[1] = static_cast<char>(byte_at(bytes, 1) | bit);
      check_fails(f, bytes, fault::length_not_minimal);
    }
    // The shortest that are right.
    CHECK(fixture(side).receive(binary, std::string(126, 'a')).size() == 1);
    CHECK(fixture(side).receive(binary, std::string(65536, 'a')).size() == 1);
  }
}

TEST_CASE("RFC 6455 5.3: each frame has a key of its own, all of it from entropy",
          "[rfc6455-5.3b][rfc6455-5.3c][rfc6455-10.3a][client]") {
  recording_entropy random;
  testkit::heap_storage memory(4096);
  websocket::connection client(role::client, memory, {}, {.keys = &random});
  REQUIRE(client.start_message(kind::binary) == errc::ok);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(client.send_piece(text_bytes("the same")) == errc::ok);
    REQUIRE(client.send_ping(text_bytes("the same")) == errc::ok);
  }
  REQUIRE(client.finish_message() == errc::ok);
  REQUIRE(client.close() == errc::ok);
  std::string wire;
  for (output_view view = client.output(4096); !view.empty(); view = client.output(4096)) {
    for (const const_bytes piece : view.pieces) wire += as_text(piece);
    client.consume_output(view.size());
  }
  std::vector<std::string> keys;
  for (const wire_frame& frame : frames_in(wire)) keys.push_back(frame.key);
  CHECK(keys.size() == 42);
  CHECK(keys == random.given);
  CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 42);
}

TEST_CASE("RFC 6455 5.4: control frames that come in fragments, or are long, are the end",
          "[rfc6455-5.4a][rfc6455-5.5a]") {
  for (const role side : both_roles) {
    for (const unsigned first : {ping, pong, closing}) {
      fixture fragmented(side);
      check_fails(fragmented, fragmented.in(first & 0x7F), fault::fragmented_control);
      fixture large(side);
      check_fails(large, large.in(first, std::string(126, 'x')).substr(0, 4), fault::long_control);
      if (first == closing) continue;
      CHECK(fixture(side).receive(first, std::string(125, 'x')).size() == 1);
    }
  }
}

TEST_CASE("RFC 6455 5.5: no control frame leaves in fragments, or is long",
          "[rfc6455-5.4a][rfc6455-5.5a]") {
  const std::string most(125, 'x');
  const std::string more(126, 'x');
  for (const role side : both_roles) {
    fixture f(side);
    CHECK(f.machine.send_ping(text_bytes(more)) == errc::invalid_argument);
    CHECK(f.machine.send_pong(text_bytes(more)) == errc::invalid_argument);
    CHECK(f.machine.close(1000, std::string_view(most).substr(1)) == errc::invalid_argument);
    REQUIRE(f.machine.send_ping(text_bytes(most)) == errc::ok);
    REQUIRE(f.machine.send_pong(text_bytes(most)) == errc::ok);
    REQUIRE(f.machine.close(1000, std::string_view(most).substr(2)) == errc::ok);
    const auto frames = frames_in(f.output());
    REQUIRE(frames.size() == 3);
    for (const wire_frame& frame : frames) {
      CHECK(frame.fin());
      CHECK(frame.payload.size() == 125);
    }
  }
}

TEST_CASE("RFC 6455 5.4: a message is read in fragments or in one, with control frames between",
          "[rfc6455-5.4b][rfc6455-5.4d][rfc6455-5.4e][rfc6455-6.2a][rfc6455-6.2b][rfc6455-6.2c]"
          "[rfc6455-6.2d]") {
  for (const role side : both_roles) {
    fixture f(side);
    CHECK(f.receive(f.in(text_begin, "1") + f.in(ping, "p") + f.in(middle, "2") + f.in(pong, "q") +
                    f.in(last, "3") + f.in(binary, "whole") + f.in(binary_begin) + f.in(last, "x") +
                    f.in(text)) == lines{R"(text> "1")", R"(ping payload="p")", R"(<text> "2")",
                                         R"(pong payload="q")", R"(<text "3")", R"(binary "whole")",
                                         R"(binary "x")", R"(text "")"});
    CHECK(f.output() == f.out(pong, "p"));
  }
}

TEST_CASE("RFC 6455 6.2: a server undoes the masking, wherever the payload is cut",
          "[rfc6455-6.2e][server]") {
  std::string payload;
  for (int i = 0; i < 300; ++i) payload += static_cast<char>('a' + i % 26);
  const std::string frame = up(text, payload);
  for (const std::size_t cut : {8U, 9U, 10U, 11U, 12U, 100U, 307U}) {
    fixture f;
    testkit::trace trace;
    std::string lent = frame;
    std::string told;
    const auto take = [&](std::size_t from, std::size_t size) {
      auto cursor = f.machine.receive(std::as_writable_bytes(std::span(lent).subspan(from, size)));
      while (const auto e = cursor.next()) told += as_text(std::get<websocket::message>(*e).bytes);
      CHECK(cursor.remaining().empty());
    };
    take(0, cut);
    take(cut, frame.size() - cut);
    CHECK(told == payload);
  }
}

TEST_CASE("RFC 6455 5.4: a message doesn't begin within another", "[rfc6455-5.4c][rfc6455-5.4j]") {
  for (const role side : both_roles) {
    for (const unsigned first : {text, binary, text_begin, binary_begin}) {
      fixture f(side);
      CHECK(f.receive(text_begin, "a").size() == 1);
      check_fails(f, f.in(first, "b"), fault::interrupted_message);
    }
    for (const unsigned first : {middle, last}) {
      fixture f(side);
      check_fails(f, f.in(first, "b"), fault::unexpected_continuation);
      fixture g(side);
      CHECK(g.receive(text, "a").size() == 1);
      check_fails(g, g.in(first, "b"), fault::unexpected_continuation);
    }
  }
}

TEST_CASE("RFC 6455 6.1: a message is sent in frames, the first with its type, the last with FIN",
          "[rfc6455-5.4b][rfc6455-5.4c][rfc6455-5.4j][rfc6455-6.1a][rfc6455-6.1d][rfc6455-6.1e]"
          "[rfc6455-6.1f][rfc6455-6.1h]") {
  for (const role side : both_roles) {
    for (const kind what : {kind::text, kind::binary}) {
      const auto opcode = static_cast<unsigned>(what);
      fixture f(side);
      REQUIRE(f.send("whole", what) == errc::ok);
      REQUIRE(f.machine.start_message(what) == errc::ok);
      for (const std::string_view piece : {"1", "2", "3"}) {
        REQUIRE(f.machine.send_piece(text_bytes(piece)) == errc::ok);
        CHECK(f.send("other", kind::text) == errc::out_of_turn);
        CHECK(f.machine.start_message(kind::binary) == errc::out_of_turn);
      }
      REQUIRE(f.machine.finish_message() == errc::ok);
      const auto frames = frames_in(f.output());
      CHECK(frames.at(0).first_byte == (0x80 | opcode));
      CHECK(frames.at(0).payload == "whole");
      std::string sent;
      for (std::size_t i = 1; i < frames.size(); ++i) {
        CHECK(frames[i].opcode() == (i == 1 ? opcode : 0));
        CHECK(frames[i].fin() == (i + 1 == frames.size()));
        sent += frames[i].payload;
      }
      CHECK(sent == "123");
    }
  }
}

TEST_CASE("RFC 6455 6.1: nothing is sent once the connection isn't open",
          "[rfc6455-6.1b][rfc6455-6.1c]") {
  for (const role side : both_roles) {
    fixture closing_first(side);
    REQUIRE(closing_first.machine.start_message(kind::text) == errc::ok);
    REQUIRE(closing_first.machine.send_piece(text_bytes("1")) == errc::ok);
    REQUIRE(closing_first.machine.close() == errc::ok);
    closing_first.output();
    CHECK(closing_first.machine.send_piece(text_bytes("2")) == errc::out_of_turn);
    CHECK(closing_first.machine.finish_message() == errc::out_of_turn);
    CHECK(closing_first.send("x") == errc::out_of_turn);
    CHECK(closing_first.output().empty());

    fixture closed_by_peer(side);
    REQUIRE(closed_by_peer.machine.start_message(kind::text) == errc::ok);
    CHECK(closed_by_peer.receive(closing, status(1000)).size() == 1);
    closed_by_peer.output();
    CHECK(closed_by_peer.machine.send_piece(text_bytes("2")) == errc::connection_gone);
    CHECK(closed_by_peer.send("x") == errc::connection_gone);

    fixture gone(side);
    CHECK(gone.eof(false) == wrong(fault::connection_lost));
    CHECK(gone.send("x") == errc::connection_gone);
    CHECK(gone.output().empty());
  }
}

TEST_CASE("RFC 6455 5.5.2: a ping is answered by a pong with what it had, until a Close came",
          "[rfc6455-5.5.2a][rfc6455-6.2b]") {
  for (const role side : both_roles) {
    for (const std::string& payload :
         {std::string(), std::string("\0\xFF p"sv), std::string(125, 'p')}) {
      fixture f(side);
      CHECK(f.receive(ping, payload).size() == 1);
      CHECK(f.output() == f.out(pong, payload));
    }
    fixture f(side);
    CHECK(f.receive(f.in(closing, status(1000)) + f.in(ping, "late")).size() == 1);
    CHECK(f.output() == f.out(closing, status(1000)));
  }
}

TEST_CASE("RFC 6455 5.6: a whole text is UTF-8, whatever its fragments are, and else the end",
          "[rfc6455-5.6a][rfc6455-8.1a][rfc6455-10.7a]") {
  const std::string word = "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x99\x82";
  for (const role side : both_roles) {
    for (std::size_t cut = 0; cut <= word.size(); ++cut) {
      fixture f(side);
      const lines told =
          f.receive(f.in(text_begin, word.substr(0, cut)) + f.in(last, word.substr(cut)));
      REQUIRE_FALSE(told.empty());
      CHECK(told.back().starts_with(cut == 0 ? "text " : "<text "));
    }
    for (const std::string_view bad :
         {"\x80"sv, "\xC0\xAF"sv, "\xE0\x80\xAF"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv,
          "\xF5"sv, "\xFF"sv, "\xC3("sv, "\xE2\x82"sv, "\xF0\x9F\x99"sv}) {
      CAPTURE(testkit::in_quotes(bad));
      fixture whole(side);
      check_fails(whole, whole.in(text, "a" + std::string(bad)), fault::invalid_utf8);
      fixture parts(side);
      check_fails(parts,
                  parts.in(text_begin, "a") + parts.in(middle, bad.substr(0, 1)) +
                      parts.in(last, bad.substr(1)),
                  fault::invalid_utf8);
      CHECK(fixture(side).receive(binary, bad).size() == 1);
      fixture reason(side);
      check_fails(reason, reason.in(closing, status(1000, bad)), fault::invalid_utf8);
    }
  }
}

TEST_CASE("RFC 6455 5.6: no text leaves that isn't UTF-8", "[rfc6455-5.6a]") {
  for (const role side : both_roles) {
    fixture f(side);
    CHECK(f.send("\xC3") == errc::invalid_argument);
    CHECK(f.send("a\xFF") == errc::invalid_argument);
    REQUIRE(f.machine.start_message(kind::text) == errc::ok);
    CHECK(f.machine.send_piece(text_bytes("\xC0")) == errc::invalid_argument);
    REQUIRE(f.machine.send_piece(text_bytes("\xC3")) == errc::ok);
    CHECK(f.machine.finish_message() == errc::invalid_argument);
    CHECK(f.machine.send_piece(text_bytes("a")) == errc::invalid_argument);
    REQUIRE(f.machine.send_piece(text_bytes("\xA4")) == errc::ok);
    REQUIRE(f.machine.finish_message() == errc::ok);
    std::string sent;
    for (const wire_frame& frame : frames_in(f.output())) sent += frame.payload;
    CHECK(sent == "\xC3\xA4");
  }
}

TEST_CASE("RFC 6455 10.4: no message is longer, or in more fragments, than the limits say",
          "[rfc6455-10.4a]") {
  websocket::limits l;
  l.message_bytes_max = 10;
  l.fragments_max = 3;
  for (const role side : both_roles) {
    fixture just(side, l);
    CHECK(just.receive(text, std::string(10, 'a')).size() == 1);
    check_fails(just, just.in(text, std::string(11, 'a')).substr(0, 6), fault::message_too_big);
    fixture sum(side, l);
    CHECK(sum.receive(text_begin, "123456").size() == 1);
    check_fails(sum, sum.in(last, "78901").substr(0, 6), fault::message_too_big);
    fixture many(side, l);
    for (const unsigned first : {text_begin, middle, middle}) many.receive(first, "1");
    check_fails(many, many.in(middle, "1"), fault::too_many_fragments);
  }
}
