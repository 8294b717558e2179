// Everything that a peer can do wrong: named, answered with the right Close, and the end.

#include "fixture.hpp"

#include <limits>
#include <vector>

using namespace websocket_test;

namespace {

struct offence {
  fault what;
  std::string bytes;
  role side = role::server;
  bool whole = true;  ///< not known before its last byte
};

// A header with a length in a form of its own.
std::string header(unsigned first_byte, unsigned second_byte, std::string_view rest) {
  return std::string{static_cast<char>(first_byte), static_cast<char>(second_byte)} +
         std::string(rest);
}

websocket::limits small() {
  websocket::limits l;
  l.message_bytes_max = 100;
  l.fragments_max = 3;
  l.fragment_free_bytes = 10;
  l.pings_unanswered_max = 3;
  return l;
}

std::vector<offence> offences() {
  std::vector<offence> all{
      {fault::reserved_bits, "\xA1"},
      {fault::reserved_bits, "\x91"},
      {fault::reserved_bits, "\xC1"},
      {fault::unmasked_frame, down(text).substr(0, 2)},
      {fault::unmasked_frame, down(ping).substr(0, 2)},
      {fault::masked_frame, up(text).substr(0, 2), role::client},
      {fault::masked_frame, up(closing).substr(0, 2), role::client},
      {fault::length_not_minimal, header(text, 126, "\0\x7D"sv), role::client},
      {fault::length_not_minimal, header(text, 126, "\0\0"sv), role::client},
      {fault::length_not_minimal, header(text, 127, "\0\0\0\0\0\0"sv), role::client},
      {fault::length_over_63_bits, header(text, 127, "\x80"sv), role::client},
      {fault::length_over_63_bits, header(text, 0xFF, "\xFF"sv)},
      {fault::fragmented_control, "\x09"},
      {fault::fragmented_control, "\x08"},
      {fault::long_control, header(ping, 126, {}), role::client},
      {fault::long_control, header(closing, 127, {}), role::client},
      {fault::unexpected_continuation, std::string(1, '\0')},
      {fault::unexpected_continuation, "\x80"},
      {fault::unexpected_continuation, up(text, "a") + '\x80'},
      {fault::interrupted_message, up(text_begin, "a") + '\x81'},
      {fault::interrupted_message, up(text_begin) + '\x02'},
      {fault::invalid_utf8, up(text, "a\xFF"sv)},
      {fault::invalid_utf8, up(text, "\xC0\xAF"sv).substr(0, 7)},
      {fault::invalid_utf8, up(text, "\xED\xA0\x80"sv).substr(0, 8)},
      {fault::invalid_utf8, up(text, "\xF4\x90"sv)},
      {fault::invalid_utf8, up(text, "\xE2\x82"sv)},
      {fault::invalid_utf8, up(text_begin, "\xE2\x82"sv) + up(last)},
      {fault::invalid_utf8, up(text_begin, "\xE2"sv) + up(last, "a")},
      {fault::invalid_utf8, up(closing, status(1000, "\xFF"sv))},
      {fault::short_close, up(closing, "\x03").substr(0, 2)},
      {fault::invalid_close_code, up(closing, status(999))},
      {fault::invalid_close_code, up(closing, status(1004))},
      {fault::invalid_close_code, up(closing, status(1005))},
      {fault::invalid_close_code, up(closing, status(1006))},
      {fault::invalid_close_code, up(closing, status(1015))},
      {fault::invalid_close_code, up(closing, status(2999))},
      {fault::invalid_close_code, up(closing, status(5000))},
      {fault::message_too_big, up(text, std::string(101, 'a')).substr(0, 6)},
      {fault::message_too_big,
       up(text_begin, std::string(60, 'a')) + up(last, std::string(41, 'a')).substr(0, 6)},
      // A length of 2^62.
      {fault::message_too_big, header(binary, 127, "\x40\0\0\0\0\0\0\0"sv), role::client},
      {fault::too_many_fragments, up(text_begin) + up(middle) + up(middle) + up(middle)},
      {fault::too_many_pings, up(ping) + up(ping) + up(ping) + up(ping)},
  };
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    all.push_back({fault::reserved_opcode, std::string(1, static_cast<char>(0x80 | opcode))});
  }
  return all;
}

// What our side says to it.
std::string goodbye(const fixture& f, fault what) {
  const std::uint16_t code = websocket::close_code_of(what);
  return code == 0 ? "" : f.out(closing, status(code));
}

bool is_over(const lines& told, fault what) {
  return !told.empty() && told.back() == wrong(what).front();
}

}  // namespace

TEST_CASE("websocket: each thing that a peer can do wrong is known as early as can be, and the end",
          "[rfc6455-5.1][rfc6455-5.2][rfc6455-5.4][rfc6455-5.5][rfc6455-5.5.1][rfc6455-5.6]"
          "[rfc6455-7.1.7][rfc6455-7.4.1][rfc6455-7.4.2][rfc6455-8.1][rfc6455-10.4]") {
  for (const offence& o : offences()) {
    CAPTURE(to_string(o.what), testkit::in_quotes(o.bytes));
    fixture f(o.side, small());
    // Not before its last byte ...
    const lines before = f.receive(o.bytes.substr(0, o.bytes.size() - 1));
    CHECK((before.empty() || !before.back().starts_with("peer error")));
    CHECK(f.machine.ending() == ending::open);
    // ... and with it.
    CHECK(is_over(f.receive(o.bytes.substr(o.bytes.size() - 1)), o.what));
    CHECK(f.machine.ending() == ending::draining);
    const std::string said = f.output();
    CHECK(said.ends_with(goodbye(f, o.what)));
    // RFC 6455 7.1.1: a server closes, a client waits for that.
    CHECK(f.fin == (o.side == role::server));

    // Nothing follows: what comes is eaten, no wish is granted.
    CHECK(f.receive(text, "more").empty());
    CHECK(f.receive(closing, status(1000)).empty());
    CHECK(f.kept.empty());
    CHECK(f.send("x") == errc::connection_gone);
    CHECK(f.machine.start_message(kind::text) == errc::connection_gone);
    CHECK(f.machine.send_piece(text_bytes("x")) == errc::connection_gone);
    CHECK(f.machine.finish_message() == errc::connection_gone);
    CHECK(f.machine.send_ping() == errc::connection_gone);
    CHECK(f.machine.close() == errc::connection_gone);
    CHECK(f.machine.hold() == errc::connection_gone);
    CHECK(f.machine.resume() == errc::connection_gone);
    CHECK(f.output().empty());
    CHECK(f.eof().empty());
    CHECK(f.machine.ending() == ending::close);
    CHECK(f.output().empty());
    CHECK(f.fin);
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("websocket: the bytes of a text before the one that is wrong are told", "[rfc6455-8.1]") {
  fixture f;
  CHECK(f.receive(text,
                  "ab\xFF"
                  "cd") == lines{R"(text> "ab")", wrong(fault::invalid_utf8).front()});
  CHECK(f.output() == down(closing, status(1007)));
}

TEST_CASE("websocket: the transport's end without a Close", "[rfc6455-7.1.5][rfc6455-7.1.7]") {
  for (const bool clean : {true, false}) {
    fixture f;
    CHECK(f.send("x") == errc::ok);
    CHECK(f.receive(text_begin, "a") == lines{R"(text> "a")"});
    CHECK(f.eof(clean) == wrong(fault::connection_lost));
    CHECK(f.machine.ending() == (clean ? ending::close : ending::reset));
    // RFC 6455 7.4.1: 1006 isn't sent.
    CHECK(f.output() == (clean ? down(text, "x") : ""));
    CHECK(f.fin == clean);
    CHECK(f.eof(false).empty());
    CHECK(f.machine.ending() == ending::reset);
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("websocket: abort drops all", "[rfc6455-7.1.7]") {
  fixture f;
  CHECK(f.send("x") == errc::ok);
  CHECK(f.machine.abort() == errc::ok);
  CHECK(f.machine.ending() == ending::reset);
  CHECK(f.output().empty());
  CHECK(f.receive(text, "x").empty());
  CHECK(f.machine.abort() == errc::connection_gone);
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("websocket: what was shown may be consumed behind a reset that dropped it") {
  fixture f;
  CHECK(f.send("x") == errc::ok);
  const std::size_t shown = f.machine.output(100).size();
  CHECK(f.eof(false) == wrong(fault::connection_lost));
  f.machine.consume_output(shown);
  CHECK(f.machine.queued() == 0);
  CHECK(f.output().empty());
}

TEST_CASE("websocket: limits count anew with each message") {
  fixture f(role::server, small());
  for (int i = 0; i < 5; ++i) {
    CHECK(f.receive(text_begin, std::string(50, 'a')).size() == 1);
    CHECK(f.receive(middle, "a").size() == 1);
    CHECK(f.receive(last, "a").size() == 1);
  }
}

TEST_CASE("websocket: large frames are no fragments to count, nor is anything with limits off") {
  websocket::limits l = small();
  l.message_bytes_max = std::numeric_limits<std::uint64_t>::max();
  fixture f(role::server, l);
  CHECK(f.receive(binary_begin, "0123456789").size() == 1);
  for (int i = 0; i < 100; ++i) CHECK(f.receive(middle, "0123456789").size() == 1);
  l.fragments_max = std::numeric_limits<std::uint32_t>::max();
  l.pings_unanswered_max = std::numeric_limits<std::uint32_t>::max();
  fixture g(role::server, l);
  CHECK(g.receive(binary_begin, "0").size() == 1);
  for (int i = 0; i < 100; ++i) {
    CHECK(g.receive(middle, "1").size() == 1);
    CHECK(g.receive(ping, "1").size() == 1);
  }
}
