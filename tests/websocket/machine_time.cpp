// Time: our pings, and what a peer has to do when.

#include "fixture.hpp"

using namespace websocket_test;

namespace {

instant second(std::int64_t n) { return instant{} + seconds(n); }

}  // namespace

TEST_CASE("websocket: without the time there are no timeouts") {
  fixture f;
  CHECK(f.receive(text_begin, "a").size() == 1);
  CHECK(f.send("x") == errc::ok);
  CHECK(f.machine.close() == errc::ok);
  CHECK(f.machine.deadline() == instant::never());
}

TEST_CASE("websocket: time begins when it is first told") {
  fixture f;
  CHECK(f.receive(text_begin, "a").size() == 1);
  f.at(1000);
  CHECK(f.machine.deadline() == second(1030));
  CHECK(f.at(1030).empty());
  CHECK(f.output() == down(ping));
  CHECK(f.receive(pong).size() == 1);
  CHECK(f.machine.deadline() == second(1060));
  CHECK(f.at(1059).empty());
  CHECK(f.at(1060) == wrong(fault::message_timeout));
}

TEST_CASE("websocket: a silent peer is pinged, and one that doesn't answer is gone",
          "[rfc6455-5.5.2]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    f.at(0);
    CHECK(f.machine.deadline() == second(30));
    CHECK(f.at(29).empty());
    CHECK(f.output().empty());
    CHECK(f.at(30).empty());
    CHECK(f.output() == f.out(ping));
    CHECK(f.machine.deadline() == second(60));
    CHECK(f.at(50).empty());
    CHECK(f.receive(pong) == lines{R"(pong payload="")"});
    CHECK(f.machine.deadline() == second(80));
    CHECK(f.at(80).empty());
    CHECK(f.output() == f.out(ping));
    CHECK(f.at(110) == wrong(fault::pong_timeout));
    CHECK(f.output() == f.out(closing, status(1008)));
  }
}

TEST_CASE("websocket: a leap in time pings before it gives up") {
  fixture f;
  f.at(0);
  CHECK(f.at(100'000).empty());
  CHECK(f.output() == down(ping));
  CHECK(f.machine.deadline() == second(100'030));
}

TEST_CASE("websocket: any byte of the peer's is a sign of life, one of a header, too") {
  fixture f;
  f.at(0);
  f.at(30);
  f.output();
  f.at(40);
  CHECK(f.receive("\x81").empty());
  CHECK(f.machine.deadline() == second(70));
}

TEST_CASE("websocket: the peer has time for its pong from when our ping has left") {
  fixture f;
  f.at(0);
  CHECK(f.send(std::string(1000, 'x')) == errc::ok);
  for (int i = 1; i <= 40; ++i) {
    CHECK(f.at(i).empty());
    f.machine.consume_output(f.machine.output(20).size());
  }
  // Written to until second 40; the ping is behind that.
  CHECK(f.machine.queued() == 4 + 1000 + 2 - 800);
  CHECK(f.machine.deadline() == second(70));  // of writing
  CHECK(f.at(69).empty());
  f.output();
  CHECK(f.machine.deadline() == second(99));
}

TEST_CASE("websocket: a message may take its time, but each byte comes within a minute") {
  websocket::limits l;
  l.ping_after = duration::max();
  fixture f(role::server, l);
  f.at(0);
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.receive(text_begin, "a").size() == 1);
  CHECK(f.machine.deadline() == second(60));
  CHECK(f.at(50).empty());
  const std::string frame = up(middle, "bc");
  CHECK(f.receive(frame.substr(0, 5)).empty());
  CHECK(f.machine.deadline() == second(60));  // headers don't count before they are whole
  CHECK(f.receive(frame.substr(5, 1)).empty());
  CHECK(f.machine.deadline() == second(110));
  CHECK(f.at(100).empty());
  CHECK(f.receive(frame.substr(6, 1)).size() == 1);
  CHECK(f.machine.deadline() == second(160));
  CHECK(f.at(160) == wrong(fault::message_timeout));
  CHECK(f.output() == down(closing, status(1008)));
}

TEST_CASE("websocket: pongs don't keep an incomplete message alive") {
  fixture f;
  f.at(0);
  CHECK(f.receive(text_begin, "a").size() == 1);
  CHECK(f.at(30).empty());
  CHECK(f.output() == down(ping));
  CHECK(f.receive(pong).size() == 1);
  CHECK(f.at(60) == wrong(fault::message_timeout));
}

TEST_CASE("websocket: a complete message has no timeout, nor has one that is held") {
  websocket::limits l;
  l.ping_after = duration::max();
  fixture f(role::server, l);
  f.at(0);
  CHECK(f.receive(text, "a").size() == 1);
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.receive(text_begin, "a").size() == 1);
  CHECK(f.machine.hold() == errc::ok);
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.at(1000).empty());
  CHECK(f.machine.resume() == errc::ok);
  CHECK(f.machine.deadline() == second(1060));
}

TEST_CASE("websocket: output that doesn't leave resets the connection") {
  fixture f;
  f.at(0);
  CHECK(f.send("abc") == errc::ok);
  CHECK(f.machine.deadline() == second(30));
  f.at(20);
  f.machine.consume_output(f.machine.output(1).size());
  CHECK(f.machine.deadline() == second(30));  // the ping's
  f.at(30);
  CHECK(f.machine.deadline() == second(50));
  CHECK(f.at(50) == wrong(fault::write_timeout));
  CHECK(f.machine.ending() == ending::reset);
  CHECK(f.output().empty());
  CHECK(f.machine.deadline() == instant::never());
}

TEST_CASE("websocket: a Close that isn't answered", "[rfc6455-7.1.1]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    f.at(0);
    CHECK(f.machine.close() == errc::ok);
    CHECK(f.machine.deadline() == second(30));  // it hasn't left
    CHECK(f.at(10).empty());
    f.output();
    CHECK(f.machine.deadline() == second(20));
    CHECK(f.receive(text, "still").size() == 1);
    CHECK(f.machine.deadline() == second(20));
    CHECK(f.at(20) == wrong(fault::close_timeout));
    CHECK(f.machine.ending() == ending::close);
    CHECK(f.output().empty());
    CHECK(f.fin);
  }
}

TEST_CASE("websocket: behind our Close there are no pings, and no timeout of messages") {
  websocket::limits l;
  l.close_timeout = duration::max();
  fixture f(role::server, l);
  f.at(0);
  CHECK(f.receive(text_begin, "a").size() == 1);
  CHECK(f.machine.close() == errc::ok);
  f.output();
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.at(1000).empty());
  CHECK(f.output().empty());
}

TEST_CASE("websocket: a peer that doesn't end its side behind the Close is left",
          "[rfc6455-7.1.1]") {
  for (const role side : {role::server, role::client}) {
    fixture f(side);
    f.at(0);
    CHECK(f.receive(closing).size() == 1);
    CHECK(f.machine.deadline() == second(30));
    f.at(5);
    f.output();
    CHECK(f.machine.deadline() == second(15));
    CHECK(f.receive("rubbish").empty());
    CHECK(f.at(15).empty());
    CHECK(f.machine.ending() == ending::close);
    f.output();
    CHECK(f.machine.deadline() == instant::never());
  }
}

TEST_CASE("websocket: behind a fault the Close has its time to leave, and no more") {
  fixture f;
  f.at(0);
  CHECK(f.receive("\xF1") == wrong(fault::reserved_bits));
  CHECK(f.machine.deadline() == second(30));
  CHECK(f.at(30).empty());
  CHECK(f.machine.ending() == ending::reset);
  CHECK(f.output().empty());
}

TEST_CASE("websocket: timeouts that are turned off") {
  websocket::limits l;
  l.ping_after = l.pong_timeout = l.message_timeout = l.write_timeout = l.close_timeout =
      duration::max();
  fixture f(role::server, l);
  f.at(0);
  CHECK(f.receive(text_begin, "a").size() == 1);
  CHECK(f.send("x") == errc::ok);
  CHECK(f.machine.deadline() == instant::never());
  CHECK(f.machine.close() == errc::ok);
  f.output();
  CHECK(f.machine.deadline() == instant::never());
}
