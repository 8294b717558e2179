// RFC 6455 5.5.1 and 7: the end, sentence by sentence.
#include "rules_fixture.hpp"

#include <algorithm>

using namespace websocket_test;

TEST_CASE("RFC 6455 5.5.1: a Close's body begins with a code that may be sent, or is the end",
          "[rfc6455-5.5.1a]") {
  for (const role side : both_roles) {
    for (const unsigned code : {1000U, 1001U, 1011U, 3000U, 4999U}) {
      fixture f(side);
      CHECK(f.receive(closing, status(code, "why")) ==
            lines{"closed code=\"" + std::to_string(code) + "\" reason=\"why\""});
      fixture g(side);
      REQUIRE(g.machine.close(static_cast<std::uint16_t>(code), "why") == errc::ok);
      CHECK(g.output() == g.out(closing, status(code, "why")));
    }
    for (const unsigned code :
         {0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
      fixture f(side);
      check_fails(f, f.in(closing, status(code)), fault::invalid_close_code);
      fixture g(side);
      if (code != websocket::close_code::no_status) {
        CHECK(g.machine.close(static_cast<std::uint16_t>(code)) == errc::invalid_argument);
      }
    }
    fixture f(side);
    check_fails(f, f.in(closing, "\x03"), fault::short_close);
  }
}

TEST_CASE("RFC 6455 5.5.1: no data is sent behind our Close", "[rfc6455-5.5.1c]") {
  for (const role side : both_roles) {
    fixture f(side);
    REQUIRE(f.machine.start_message(kind::text) == errc::ok);
    REQUIRE(f.machine.close() == errc::ok);
    CHECK(f.send("x") == errc::out_of_turn);
    CHECK(f.machine.start_message(kind::text) == errc::out_of_turn);
    CHECK(f.machine.send_piece(text_bytes("x")) == errc::out_of_turn);
    CHECK(f.machine.finish_message() == errc::out_of_turn);
    CHECK(f.receive(ping, "p").size() == 1);
    CHECK(f.output() == f.out(closing, status(1000)) + f.out(pong, "p"));
  }
}

TEST_CASE("RFC 6455 5.5.1: a Close is answered by one, unless ours was first", "[rfc6455-5.5.1d]") {
  for (const role side : both_roles) {
    fixture answers(side);
    REQUIRE(answers.send("before") == errc::ok);
    CHECK(answers.receive(closing, status(4321, "why")).size() == 1);
    CHECK(answers.output() == answers.out(text, "before") + answers.out(closing, status(4321)));
    fixture first(side);
    REQUIRE(first.machine.close(1001) == errc::ok);
    CHECK(first.receive(closing, status(1000)).size() == 1);
    CHECK(first.output() == first.out(closing, status(1001)));
  }
}

TEST_CASE("RFC 6455 5.5.1: behind both Closes the server closes the transport at once",
          "[rfc6455-5.5.1e][rfc6455-5.5.1f][server]") {
  for (const bool first : {false, true}) {
    fixture f;
    if (first) {
      REQUIRE(f.machine.close() == errc::ok);
      f.output();
      CHECK_FALSE(f.fin);
    }
    CHECK(f.receive(closing, status(1000)).size() == 1);
    f.output();
    CHECK(f.fin);
    CHECK(f.machine.ending() == ending::draining);
    CHECK(f.eof().empty());
    CHECK(f.machine.ending() == ending::close);
  }
}

TEST_CASE("RFC 6455 5.5.1: behind both Closes a client closes, after the server or in time",
          "[rfc6455-5.5.1e][client]") {
  for (const bool first : {false, true}) {
    for (const bool fin_comes : {false, true}) {
      fixture f(role::client);
      f.at(0);
      if (first) REQUIRE(f.machine.close() == errc::ok);
      CHECK(f.receive(closing, status(1000)).size() == 1);
      f.output();
      CHECK_FALSE(f.fin);
      fin_comes ? f.eof() : f.at(10);
      f.output();
      CHECK(f.fin);
      CHECK(f.machine.ending() == ending::close);
    }
  }
}

TEST_CASE("RFC 6455 7.1.2: to close is to send a Close with the code and the reason",
          "[rfc6455-7.1.2a]") {
  for (const role side : both_roles) {
    fixture f(side);
    REQUIRE(f.machine.close(3211, "enough \xE2\x82\xAC") == errc::ok);
    const auto frames = frames_in(f.output());
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].first_byte == closing);
    CHECK(frames[0].payload == status(3211, "enough \xE2\x82\xAC"));
    CHECK(fixture(side).machine.close(1000, "\xE2\x82") == errc::invalid_argument);
  }
}

TEST_CASE("RFC 6455 7.1.7: to fail is to say why, to read no more, and to close",
          "[rfc6455-7.1.7a][rfc6455-7.1.7b][rfc6455-7.1.7c]") {
  for (const role side : both_roles) {
    fixture f(side);
    f.at(0);
    // What lies behind what is wrong, a Close too, isn't read.
    CHECK(f.receive(f.in(0x83) + f.in(ping, "p") + f.in(text, "x") + f.in(closing, status(1000))) ==
          wrong(fault::reserved_opcode));
    CHECK(f.kept.empty());
    CHECK(f.output() == f.out(closing, status(1002)));
    CHECK(f.receive(f.in(ping, "q") + f.in(closing, status(1000))).empty());
    CHECK(f.output().empty());
    CHECK(f.fin == (side == role::server));
    CHECK(f.at(10).empty());
    f.output();
    CHECK(f.fin);
    CHECK(f.machine.ending() == ending::close);
  }
}

TEST_CASE("RFC 6455 7.2.1: a client fails where it is told to, and when the transport is lost",
          "[rfc6455-7.2.1a][rfc6455-7.2.1b][client]") {
  fixture broken(role::client);
  check_fails(broken, "\xF1", fault::reserved_bits);
  for (const bool clean : {true, false}) {
    fixture lost(role::client);
    CHECK(lost.receive(text_begin, "a").size() == 1);
    CHECK(lost.eof(clean) == wrong(fault::connection_lost));
    CHECK(lost.send("x") == errc::connection_gone);
    CHECK(lost.machine.ending() == (clean ? ending::close : ending::reset));
  }
}

TEST_CASE("RFC 6455 7.2.2: a server closes where it is told to", "[rfc6455-7.2.2a][server]") {
  fixture broken;
  check_fails(broken, "\xF1", fault::reserved_bits);
  CHECK(broken.fin);
  fixture aborted;
  REQUIRE(aborted.send("x") == errc::ok);
  REQUIRE(aborted.machine.abort() == errc::ok);
  CHECK(aborted.machine.ending() == ending::reset);
  CHECK(aborted.output().empty());
}

TEST_CASE("RFC 6455 7.4.1: 1005, 1006 and 1015 are never on the wire",
          "[rfc6455-7.4.1a][rfc6455-7.4.1b][rfc6455-7.4.1c]") {
  for (const std::uint16_t code : std::to_array<std::uint16_t>({1005, 1006, 1015})) {
    CHECK_FALSE(websocket::may_be_sent(code));
    for (std::size_t i = 0; i < websocket::fault_count; ++i) {
      CHECK(websocket::close_code_of(static_cast<fault>(i)) != code);
    }
    for (const role side : both_roles) {
      fixture f(side);
      // 1005 stands for a Close without a code.
      const bool none = code == websocket::close_code::no_status;
      CHECK(f.machine.close(code) == (none ? errc::ok : errc::invalid_argument));
      CHECK(f.output() == (none ? f.out(closing) : ""));
      // And isn't echoed.
      fixture g(side);
      check_fails(g, g.in(closing, status(code)), fault::invalid_close_code);
    }
  }
  for (const role side : both_roles) {
    fixture f(side);
    CHECK(f.receive(closing) == lines{R"(closed code="1005" reason="")"});
    CHECK(f.output() == f.out(closing));
    fixture lost(side);
    lost.eof();
    CHECK(lost.output().empty());
  }
}
