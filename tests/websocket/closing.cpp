// The closing handshake, from either side and from both.

#include "fixture.hpp"

using namespace websocket_test;

TEST_CASE("websocket: the peer's Close is answered with its code, and the server closes first",
          "[rfc6455-5.5.1][rfc6455-7.1.1][rfc6455-7.1.4][rfc6455-7.1.5][rfc6455-7.1.6]") {
  fixture f;
  f.at(0);
  CHECK(f.send("x") == errc::ok);
  CHECK(f.receive(closing, status(1001, "bye")) == lines{R"(closed code="1001" reason="bye")"});
  CHECK(f.machine.ending() == ending::draining);
  CHECK(f.machine.wants_input());
  CHECK(f.output() == down(text, "x") + down(closing, status(1001)));
  CHECK(f.fin);
  CHECK(f.send("y") == errc::connection_gone);
  CHECK(f.receive(text, "ignored").empty());
  CHECK(f.kept.empty());
  CHECK(f.machine.deadline() == instant{} + seconds(10));
  CHECK(f.eof().empty());
  CHECK(f.machine.ending() == ending::close);
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("websocket: a client waits for the server's FIN, but not for ever", "[rfc6455-7.1.1]") {
  for (const bool comes : {true, false}) {
    fixture f(role::client);
    f.at(0);
    CHECK(f.receive(closing, status(1000)) == lines{R"(closed code="1000" reason="")"});
    CHECK(f.output() == up(closing, status(1000)));
    CHECK(!f.fin);
    CHECK(f.machine.ending() == ending::draining);
    CHECK(f.machine.deadline() == instant{} + seconds(10));
    if (comes) {
      CHECK(f.eof().empty());
    } else {
      CHECK(f.at(10).empty());
    }
    CHECK(f.machine.ending() == ending::close);
    CHECK(f.output().empty());
    CHECK(f.fin);
    CHECK(f.machine.deadline() == instant::never());
  }
}

TEST_CASE("websocket: a Close without a code is answered by one without",
          "[rfc6455-5.5.1][rfc6455-7.1.5][rfc6455-7.4.1]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    CHECK(f.receive(closing) == lines{R"(closed code="1005" reason="")"});
    CHECK(f.output() == f.out(closing));
  }
}

TEST_CASE("websocket: behind our Close the peer's messages come until its own, but no more of ours",
          "[rfc6455-5.5.1][rfc6455-7.1.2][rfc6455-7.1.3]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    f.at(0);
    CHECK(f.machine.start_message(kind::text) == errc::ok);
    CHECK(f.machine.send_piece(text_bytes("a")) == errc::ok);
    CHECK(f.machine.close(4000, "done") == errc::ok);
    CHECK(f.machine.ending() == ending::open);
    CHECK(f.send("x") == errc::out_of_turn);
    CHECK(f.machine.send_piece(text_bytes("b")) == errc::out_of_turn);
    CHECK(f.machine.finish_message() == errc::out_of_turn);
    CHECK(f.machine.send_ping() == errc::out_of_turn);
    CHECK(f.machine.send_pong() == errc::out_of_turn);
    CHECK(f.machine.close() == errc::out_of_turn);
    CHECK(f.output() == f.out(text_begin, "a") + f.out(closing, status(4000, "done")));
    CHECK(!f.fin);
    CHECK(f.receive(text, "still") == lines{R"(text "still")"});
    // RFC 6455 5.5.2: a ping is answered until a Close has come.
    CHECK(f.receive(ping, "p") == lines{R"(ping payload="p")"});
    CHECK(f.output() == f.out(pong, "p"));
    CHECK(f.receive(closing, status(4000)) == lines{R"(closed code="4000" reason="")"});
    CHECK(f.output().empty());
    CHECK(f.fin == (side == role::server));
  }
}

TEST_CASE("websocket: both close at the same time, and each has its answer", "[rfc6455-5.5.1]") {
  fixture f;
  CHECK(f.machine.close(1000, "a") == errc::ok);
  CHECK(f.receive(closing, status(1001, "b")) == lines{R"(closed code="1001" reason="b")"});
  CHECK(f.output() == down(closing, status(1000, "a")));
  CHECK(f.fin);
}

TEST_CASE("websocket: behind the peer's Close no ping is answered, and nothing is read",
          "[rfc6455-5.5.2][rfc6455-5.5.1]") {
  fixture f;
  CHECK(f.receive(up(closing, status(1000)) + up(ping, "p") + up(text, "x") + "rubbish") ==
        lines{R"(closed code="1000" reason="")"});
  CHECK(f.output() == down(closing, status(1000)));
  CHECK(f.kept.empty());

  // Nor one that waited for its turn.
  fixture g;
  std::string pongs;
  for (int i = 0; i < 16; ++i) {
    CHECK(g.receive(ping, "a").size() == 1);
    pongs += down(pong, "a");
  }
  CHECK(g.receive(up(ping, "b") + up(closing)).size() == 2);
  CHECK(g.output() == pongs + down(closing));
}

TEST_CASE("websocket: codes and reasons that no Close may carry are refused",
          "[rfc6455-7.4.1][rfc6455-7.4.2][rfc6455-5.5]") {
  fixture f;
  for (const unsigned code : {0U, 999U, 1004U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U}) {
    CAPTURE(code);
    CHECK(f.machine.close(static_cast<std::uint16_t>(code)) == errc::invalid_argument);
  }
  CHECK(f.machine.close(1000, std::string(124, 'a')) == errc::invalid_argument);
  CHECK(f.machine.close(1000, "\xFF") == errc::invalid_argument);
  CHECK(f.machine.close(1005, "why") == errc::invalid_argument);
  CHECK(f.output().empty());
  CHECK(f.machine.close(1000, std::string(123, 'a')) == errc::ok);
  CHECK(f.output() == down(closing, status(1000, std::string(123, 'a'))));
  fixture g;
  CHECK(g.machine.close(1005) == errc::ok);
  CHECK(g.output() == down(closing));
}

TEST_CASE("websocket: a Close that comes in parts, and its reason") {
  fixture f;
  const std::string frame = up(closing, status(1000, "a reason"));
  for (const char byte : frame.substr(0, frame.size() - 1)) CHECK(f.receive({&byte, 1}).empty());
  CHECK(f.memory.in_use() == 1);
  CHECK(f.receive(frame.substr(frame.size() - 1)) ==
        lines{R"(closed code="1000" reason="a reason")"});
}

TEST_CASE("websocket: a FIN that was told before the Close was read ends it at once") {
  fixture f;
  f.machine.receive_eof(true);
  CHECK(f.receive(closing, status(1000)) == lines{R"(closed code="1000" reason="")"});
  CHECK(f.machine.ending() == ending::close);
  CHECK(f.output() == down(closing, status(1000)));
  CHECK(f.fin);
  CHECK(f.eof(false).empty());
  CHECK(f.machine.ending() == ending::reset);
}

TEST_CASE("websocket: behind our Close a violation is still one, without a second Close",
          "[rfc6455-5.5.1]") {
  fixture f;
  CHECK(f.machine.close() == errc::ok);
  CHECK(f.receive("\xF1") == wrong(fault::reserved_bits));
  CHECK(f.output() == down(closing, status(1000)));
  CHECK(f.fin);
}

TEST_CASE("websocket: a hold keeps the peer's Close behind its messages, also behind ours") {
  fixture f;
  f.at(0);
  CHECK(f.machine.hold() == errc::ok);
  CHECK(f.machine.close() == errc::ok);
  f.output();
  CHECK(f.receive(up(text, "x") + up(closing, status(1000))).empty());
  SECTION("resumed in time") {
    CHECK(f.at(9).empty());
    CHECK(f.machine.resume() == errc::ok);
    CHECK(f.receive() == lines{R"(text "x")", R"(closed code="1000" reason="")"});
  }
  SECTION("or not") { CHECK(f.at(10) == wrong(fault::close_timeout)); }
}
