// What the application may wish for and when, its limits, and that misuse changes nothing.

#include "fixture.hpp"

#include <functional>

using namespace websocket_test;

TEST_CASE("websocket: output has a limit, and an event says when there is room again") {
  websocket::limits l;
  l.output_bytes_max = 100;
  l.output_low_bytes = 40;
  fixture f(role::server, l);
  CHECK(f.send(std::string(101, 'a')) == errc::invalid_argument);
  CHECK(f.send(std::string(90, 'a')) == errc::ok);
  CHECK(f.machine.queued() == 92);
  CHECK(f.send(std::string(9, 'b')) == errc::would_exceed);
  CHECK(f.machine.send_ping(text_bytes("123456789")) == errc::would_exceed);
  CHECK(f.send(std::string(8, 'b')) == errc::ok);
  CHECK(f.machine.queued() == 102);
  CHECK(f.send("") == errc::would_exceed);
  CHECK(f.receive().empty());
  f.machine.consume_output(f.machine.output(61).size());
  CHECK(f.receive().empty());
  f.machine.consume_output(f.machine.output(1).size());
  CHECK(f.receive() == lines{"low"});
  CHECK(f.receive().empty());
  // A server's stable bytes aren't ours: they don't count.
  const std::string stable(1000, 's');
  CHECK(f.send(stable, kind::binary, lifetime::stable) == errc::ok);
  CHECK(f.send("x") == errc::would_exceed);
  // There is always room for a Close, and for a pong.
  CHECK(f.receive(ping, "p").size() == 1);
  CHECK(f.machine.close() == errc::ok);

  fixture client(role::client, l);
  CHECK(client.send(stable, kind::binary, lifetime::stable) == errc::invalid_argument);
}

TEST_CASE("websocket: room is told of only when something has left since it was missed") {
  websocket::limits l;
  l.output_bytes_max = l.output_low_bytes = 100;
  fixture f(role::server, l);
  CHECK(f.send(std::string(95, 'a')) == errc::ok);
  f.machine.consume_output(f.machine.output(1).size());
  CHECK(f.send(std::string(10, 'a')) == errc::would_exceed);
  CHECK(f.receive().empty());
  f.machine.consume_output(f.machine.output(1).size());
  CHECK(f.receive() == lines{"low"});
}

TEST_CASE("websocket: text that isn't UTF-8 isn't sent", "[rfc6455-5.6][rfc6455-8.1]") {
  fixture f;
  for (const std::string_view bad : {"\xFF"sv, "\xC0\x80"sv, "\xED\xA0\x80"sv, "\xE2\x82"sv}) {
    CHECK(f.send(bad) == errc::invalid_argument);
  }
  CHECK(f.send("\xFF", kind::binary) == errc::ok);
  CHECK(f.output() == down(binary, "\xFF"));
  CHECK(f.machine.start_message(kind::text) == errc::ok);
  CHECK(f.machine.send_piece(text_bytes("\xFF")) == errc::invalid_argument);
  CHECK(f.machine.send_piece(text_bytes("\xC3")) == errc::ok);
  CHECK(f.machine.send_piece(text_bytes("a")) == errc::invalid_argument);
  CHECK(f.machine.send_piece(text_bytes("\xB6")) == errc::ok);
  CHECK(f.machine.finish_message() == errc::ok);
}

TEST_CASE("websocket: a control frame has up to 125 bytes", "[rfc6455-5.5]") {
  fixture f;
  const std::string longest(125, 'p');
  CHECK(f.machine.send_ping(text_bytes(longest + 'p')) == errc::invalid_argument);
  CHECK(f.machine.send_pong(text_bytes(longest + 'p')) == errc::invalid_argument);
  CHECK(f.machine.send_ping(text_bytes(longest)) == errc::ok);
  CHECK(f.machine.send_pong(text_bytes(longest)) == errc::ok);
  CHECK(f.output() == down(ping, longest) + down(pong, longest));
}

TEST_CASE("websocket: a wish as data is the member of the same name") {
  using namespace websocket;
  const const_bytes a = text_bytes("a");
  const std::string frame = down(text, "prepared");
  const std::vector<std::pair<command, std::string>> all{
      {wish::send{kind::text, a}, down(text, "a")},
      {wish::start_message{kind::binary}, ""},
      {wish::send_piece{a}, down(binary_begin, "a")},
      {wish::finish_message{}, down(last)},
      {wish::send_prepared{{text_bytes(frame), {}}}, frame},
      {wish::send_ping{a}, down(websocket_test::ping, "a")},
      {wish::send_pong{a}, down(websocket_test::pong, "a")},
      {wish::hold{}, ""},
      {wish::resume{}, ""},
      {wish::close{1001, "x"}, down(closing, status(1001, "x"))},
      {wish::abort{}, ""},
  };
  fixture f;
  for (const auto& [wish, output] : all) {
    CAPTURE(wish.index());
    CHECK(f.machine.apply(wish) == errc::ok);
    CHECK(f.output() == output);
  }
  CHECK(f.machine.ending() == ending::reset);
}

TEST_CASE("websocket: pings that come at once are answered, one by one") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    std::string wire;
    std::string pongs;
    for (int i = 0; i < 16; ++i) {
      wire += f.in(ping, std::to_string(i));
      pongs += f.out(pong, std::to_string(i));
    }
    CHECK(f.receive(wire).size() == 16);
    CHECK(f.output() == pongs);
  }
}

TEST_CASE("websocket: while 16 pongs haven't left, only the newest ping is remembered",
          "[rfc6455-5.5.2][rfc6455-5.5.3]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    const std::string b(125, 'b');
    for (int i = 0; i < 16; ++i) CHECK(f.receive(ping, "a").size() == 1);
    const std::size_t first = f.machine.queued();
    CHECK(f.receive(ping, b).size() == 1);
    CHECK(f.receive(ping, "c").size() == 1);
    CHECK(f.machine.queued() == first);
    CHECK(f.send("x") == errc::ok);
    f.machine.consume_output(f.machine.output(first - 1).size());
    CHECK(f.receive(ping, "d").size() == 1);
    CHECK(f.output() == f.out(pong, "a").back() + f.out(text, "x") + f.out(pong, "d"));
    CHECK(f.memory.in_use() == 1);  // until the next drain
    CHECK(f.receive().empty());
    CHECK(f.memory.in_use() == 0);
    CHECK(f.receive(ping, "e").size() == 1);
    CHECK(f.output() == f.out(pong, "e"));
  }
}

TEST_CASE("websocket: a flood of pings to one that doesn't write is refused within one block") {
  fixture f;
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += up(ping, std::string(125, 'p'));
  CHECK(f.receive(flood).size() == 1000);
  CHECK(f.machine.queued() == 16 * 127);
  CHECK(f.memory.in_use_most() == 2);
  CHECK(f.receive(ping) == wrong(fault::too_many_pings));
  std::string pongs;
  for (int i = 0; i < 16; ++i) pongs += down(pong, std::string(125, 'p'));
  CHECK(f.output() == pongs + down(closing, status(1008)));

  // Pings that are answered may be any number.
  fixture g;
  for (int i = 0; i < 3000; ++i) {
    CHECK(g.receive(ping).size() == 1);
    CHECK(g.output() == down(pong));
  }
}

TEST_CASE("websocket: a ping that came in parts may be lent on: it is copied") {
  fixture f;
  const std::string payload(125, 'p');
  const std::string frame = up(ping, payload);
  CHECK(f.receive(frame.substr(0, 50)).empty());
  std::string lent = frame.substr(50);
  auto cursor = f.machine.receive(std::as_writable_bytes(std::span(lent)));
  const auto event = cursor.next();
  REQUIRE(event);
  const const_bytes bytes = std::get<websocket::ping>(*event).payload;
  CHECK(f.machine.start_message(kind::binary) == errc::ok);
  CHECK(f.machine.send_piece(bytes, lifetime::lent) == errc::ok);
  CHECK(!cursor.next());
  CHECK(f.output() == down(pong, payload) + down(binary_begin, payload));
}

TEST_CASE("websocket: an idle connection is small and holds no block") {
  STATIC_CHECK(sizeof(websocket::connection) <= 400);
  fixture f;
  f.at(0);
  CHECK(f.receive(text, "whole").size() == 1);
  CHECK(f.receive(pong, "whole").size() == 1);
  CHECK(f.receive(binary_begin, "part").size() == 1);
  CHECK(f.memory.requests() == 0);
}
