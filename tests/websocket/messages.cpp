// Messages in and out, whole and in pieces.

#include "fixture.hpp"

using namespace websocket_test;

TEST_CASE("websocket: an unmasked and a masked frame come as RFC 6455 5.7 shows them",
          "[rfc6455-5.3][rfc6455-5.7]") {
  fixture server;
  CHECK(server.receive("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv) ==
        lines{R"(text "Hello")"});
  fixture client(role::client);
  CHECK(client.receive("\x81\x05Hello"sv) == lines{R"(text "Hello")"});
  CHECK(client.receive("\x01\x03Hel"sv) == lines{R"(text> "Hel")"});
  CHECK(client.receive("\x80\x02lo"sv) == lines{R"(<text "lo")"});
  CHECK(client.receive("\x89\x05Hello"sv) == lines{R"(ping payload="Hello")"});
  CHECK(client.output() == up(pong, "Hello"));
}

TEST_CASE("websocket: a message that lies whole in the input is one piece of it", "[rfc6455-5.6]") {
  fixture f;
  std::string lent = up(text, "Hello") + up(binary, std::string(300, 'b'));
  auto cursor = f.machine.receive(std::as_writable_bytes(std::span(lent)));
  auto event = cursor.next();
  REQUIRE(event);
  const auto& first = std::get<websocket::message>(*event);
  CHECK(as_text(first.bytes) == "Hello");
  CHECK(first.bytes.data() == std::as_bytes(std::span(lent)).data() + 6);
  CHECK(lies_in_input(*event));
  event = cursor.next();
  REQUIRE(event);
  CHECK(std::get<websocket::message>(*event).bytes.size() == 300);
  CHECK(!cursor.next());
  CHECK(cursor.consumed() == lent.size());
  CHECK(f.memory.requests() == 0);
}

TEST_CASE("websocket: a message in parts is told as they come, and nothing of it is held") {
  fixture f;
  const std::string frame = up(text, "Hello");
  CHECK(f.receive(frame.substr(0, 1)).empty());
  CHECK(f.receive(frame.substr(1, 6)) == lines{R"(text> "H")"});
  CHECK(f.receive(frame.substr(7)) == lines{R"(<text "ello")"});
  CHECK(f.memory.requests() == 0);
}

TEST_CASE("websocket: fragments of a message, control frames between them",
          "[rfc6455-5.4][rfc6455-5.5]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    CHECK(f.receive(binary_begin, "a") == lines{R"(binary> "a")"});
    CHECK(f.receive(ping, "p") == lines{R"(ping payload="p")"});
    CHECK(f.output() == f.out(pong, "p"));
    CHECK(f.receive(middle, "b") == lines{R"(<binary> "b")"});
    CHECK(f.receive(pong, "") == lines{R"(pong payload="")"});
    CHECK(f.receive(last, "c") == lines{R"(<binary "c")"});
    CHECK(f.receive(text, "d") == lines{R"(text "d")"});
  }
}

TEST_CASE("websocket: empty frames, and empty messages") {
  fixture f;
  CHECK(f.receive(text) == lines{R"(text "")"});
  CHECK(f.receive(text_begin).empty());
  CHECK(f.receive(middle).empty());
  CHECK(f.receive(middle, "x") == lines{R"(text> "x")"});
  CHECK(f.receive(last) == lines{R"(<text "")"});
  CHECK(f.receive(binary_begin).empty());
  CHECK(f.receive(last) == lines{R"(binary "")"});
}

TEST_CASE("websocket: text is UTF-8 across pieces and frames", "[rfc6455-5.6][rfc6455-8.1]") {
  fixture f;
  CHECK(f.receive(text_begin, "\xE2\x82"sv) == lines{R"(text> "\xe2\x82")"});
  CHECK(f.receive(ping) == lines{R"(ping payload="")"});
  CHECK(f.receive(last, "\xAC"sv) == lines{R"(<text "\xac")"});
  CHECK(f.receive(binary, "\xFF\xC0"sv) == lines{R"(binary "\xff\xc0")"});
}

TEST_CASE("websocket: lengths of 7, 16 and 64 bits both ways", "[rfc6455-5.2]") {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 70'000U}) {
    CAPTURE(size);
    const std::string payload(size, 'x');
    for (const role side : {role::server, role::client}) {
      fixture f(side);
      CHECK(f.receive(text, payload) == lines{"text \"" + payload + '"'});
      CHECK(f.send(payload) == errc::ok);
      CHECK(f.output() == f.out(text, payload));
    }
  }
}

TEST_CASE("websocket: a client's frames each have a fresh key",
          "[rfc6455-5.1][rfc6455-5.3][rfc6455-10.3]") {
  fixture client(role::client);
  CHECK(client.send("a") == errc::ok);
  CHECK(client.send("b") == errc::ok);
  CHECK(client.machine.send_ping() == errc::ok);
  CHECK(client.receive(ping) == lines{R"(ping payload="")"});
  CHECK(client.machine.close() == errc::ok);
  CHECK(client.keys.asked == 5);
  CHECK(client.output() ==
        up(text, "a") + up(text, "b") + up(ping) + up(pong) + up(closing, status(1000)));
}

TEST_CASE("websocket: a server masks nothing", "[rfc6455-5.1]") {
  fixture server;
  CHECK(server.send("a") == errc::ok);
  CHECK(server.machine.send_ping(text_bytes("p")) == errc::ok);
  CHECK(server.machine.send_pong(text_bytes("q")) == errc::ok);
  CHECK(server.machine.close(1001, "bye") == errc::ok);
  CHECK(server.output() ==
        down(text, "a") + down(ping, "p") + down(pong, "q") + down(closing, status(1001, "bye")));
}

TEST_CASE("websocket: a message is sent in pieces, with control frames between them",
          "[rfc6455-5.4]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    CHECK(f.machine.start_message(kind::text) == errc::ok);
    CHECK(f.machine.message_open());
    CHECK(f.output().empty());
    CHECK(f.machine.send_piece(text_bytes("\xE2\x82")) == errc::ok);
    CHECK(f.machine.send_piece({}) == errc::ok);
    CHECK(f.machine.send_ping() == errc::ok);
    CHECK(f.machine.finish_message() == errc::invalid_argument);
    CHECK(f.machine.send_piece(text_bytes("\xAC")) == errc::ok);
    CHECK(f.send("x") == errc::out_of_turn);
    CHECK(f.machine.start_message(kind::text) == errc::out_of_turn);
    CHECK(f.machine.finish_message() == errc::ok);
    CHECK(!f.machine.message_open());
    CHECK(f.machine.start_message(kind::binary) == errc::ok);
    CHECK(f.machine.finish_message() == errc::ok);
    CHECK(f.output() == f.out(text_begin, "\xE2\x82"sv) + f.out(ping) + f.out(middle, "\xAC"sv) +
                            f.out(last) + f.out(binary));
  }
}

TEST_CASE("websocket: a server's lent and stable bytes leave from where they lie") {
  fixture f;
  const std::string bytes(1000, 's');
  CHECK(f.send(bytes, kind::binary, lifetime::stable) == errc::ok);
  const output_view view = f.machine.output(10'000);
  REQUIRE(view.pieces.size() == 2);
  CHECK(as_text(view.pieces[0]) == "\x82\x7E\x03\xE8"sv);
  CHECK(view.pieces[1].data() == text_bytes(bytes).data());
  f.machine.consume_output(view.size());

  // What the peer sent goes back from where it came.
  std::string lent = up(binary, bytes);
  auto cursor = f.machine.receive(std::as_writable_bytes(std::span(lent)));
  const auto event = cursor.next();
  REQUIRE(event);
  const const_bytes echoed = std::get<websocket::message>(*event).bytes;
  CHECK(f.machine.send(kind::binary, echoed, lifetime::lent) == errc::ok);
  CHECK(f.machine.output(10'000).pieces[1].data() == echoed.data());
  CHECK(f.machine.retain_output() == errc::ok);
  std::ranges::fill(lent, '?');
  CHECK(f.output() == down(binary, bytes));
}

TEST_CASE("websocket: what a client sends is copied, whatever its lifetime") {
  fixture f(role::client);
  std::string bytes(10'000, 's');
  CHECK(f.send(bytes, kind::binary, lifetime::stable) == errc::ok);
  CHECK(f.send(bytes, kind::binary, lifetime::lent) == errc::ok);
  const std::string frame = up(binary, bytes);
  std::ranges::fill(bytes, '?');
  CHECK(f.output() == frame + frame);
}

TEST_CASE("websocket: a prepared frame goes to many") {
  std::string plain_memory(websocket::prepared_bytes(300), '\0');
  const std::string payload(300, 'p');
  websocket::prepared_message prepared;
  prepared.plain = websocket::prepare(kind::text, text_bytes(payload),
                                      std::as_writable_bytes(std::span(plain_memory)));
  CHECK(as_text(prepared.plain) == down(text, payload));
  fixture f;
  CHECK(f.machine.send_prepared(prepared, lifetime::stable) == errc::ok);
  const output_view view = f.machine.output(10'000);
  REQUIRE(view.pieces.size() == 1);
  CHECK(view.pieces[0].data() == prepared.plain.data());
  CHECK(f.output() == down(text, payload));
  CHECK(f.machine.send_prepared({}) == errc::invalid_argument);
  CHECK(f.machine.start_message(kind::text) == errc::ok);
  CHECK(f.machine.send_prepared(prepared) == errc::out_of_turn);
  fixture client(role::client);
  CHECK(client.machine.send_prepared(prepared) == errc::operation_not_supported);
}

TEST_CASE("websocket: while it is held no message is told, nor what is behind one") {
  fixture f;
  f.at(0);
  CHECK(f.machine.hold() == errc::ok);
  CHECK(f.receive(ping, "a") == lines{R"(ping payload="a")"});
  CHECK(f.receive(text, "x").empty());
  CHECK(f.receive(ping, "b").empty());
  CHECK(f.kept == masked("x") + up(ping, "b"));
  CHECK(f.machine.wants_input());
  CHECK(f.output() == down(pong, "a"));
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.at(10'000).empty());
  CHECK(f.machine.resume() == errc::ok);
  CHECK(f.receive() == lines{R"(text "x")", R"(ping payload="b")"});

  CHECK(f.machine.hold() == errc::ok);
  CHECK(f.receive(text).empty());
  CHECK(f.kept.empty());
  CHECK(f.machine.resume() == errc::ok);
  CHECK(f.receive() == lines{R"(text "")"});

  CHECK(f.machine.hold() == errc::ok);
  CHECK(f.eof() == wrong(fault::connection_lost));
}

TEST_CASE("websocket: what is wrong behind a piece waits until it goes on") {
  fixture f;
  std::string lent = up(text, "ab\xFF");
  auto cursor = f.machine.receive(std::as_writable_bytes(std::span(lent)));
  const auto event = cursor.next();
  REQUIRE(event);
  CHECK(fixture::brief(*event) == R"(text> "ab")");
  CHECK(f.machine.hold() == errc::ok);
  CHECK(!cursor.next());
  CHECK(f.send("x") == errc::ok);
  CHECK(f.machine.resume() == errc::ok);
  CHECK(f.receive() == wrong(fault::invalid_utf8));
  CHECK(f.output() == down(text, "x") + down(closing, status(1007)));
}

TEST_CASE("websocket: the end of input waits behind a message that is held") {
  fixture f;
  CHECK(f.machine.hold() == errc::ok);
  CHECK(f.receive(text).empty());
  CHECK(f.eof().empty());
  CHECK(f.machine.resume() == errc::ok);
  CHECK(f.receive() == lines{R"(text "")", wrong(fault::connection_lost).front()});

  fixture g;
  CHECK(g.machine.hold() == errc::ok);
  g.machine.receive_eof(true);
  CHECK(g.receive(text, "x").empty());
  CHECK(g.machine.resume() == errc::ok);
  CHECK(g.receive() == lines{R"(text "x")", wrong(fault::connection_lost).front()});
}
