// Time-outs, under a clock that only moves when it is told to.
#include "http1_fixture.hpp"

using namespace http1_test;

namespace {

std::int64_t ms(instant t) { return t.nanoseconds / 1'000'000; }
constexpr std::int64_t never = 9'223'372'036'854;

constexpr std::string_view post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";

}  // namespace

TEST_CASE("without a clock there are no time-outs, and no Date", "[9110-6.6.1b]") {
  fixture f;
  CHECK(f.server.deadline() == instant::never());
  f.receive(post);
  CHECK(f.server.deadline() == instant::never());
  CHECK(f.server.respond(200) == errc::ok);
  CHECK(f.server.deadline() == instant::never());
  const std::string output = f.output();
  CHECK(output.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(output.find("Date") == output.npos);
}

TEST_CASE("a connection that isn't used ends after idle_timeout, in order") {
  fixture f;
  f.at(1'000);
  CHECK(ms(f.server.deadline()) == 61'000);
  CHECK(f.at(60'999).empty());
  CHECK(f.at(61'000) == lines{"error idle timeout"});
  CHECK(f.server.ending() == ending::draining);
  CHECK(f.output() == "|");
}

TEST_CASE("empty lines don't prolong an idle connection") {
  fixture f;
  f.at(0);
  f.at(50'000);
  f.receive("\r\n");
  CHECK(ms(f.server.deadline()) == 60'000);
}

TEST_CASE("a head has head_timeout from its first byte, however it dribbles") {
  fixture f;
  f.at(0);
  f.at(5'000);
  f.receive("G");
  CHECK(ms(f.server.deadline()) == 15'000);
  f.at(14'000);
  f.receive("ET / HTTP/1.1\r\n");
  CHECK(ms(f.server.deadline()) == 15'000);
  CHECK(f.at(15'000) == lines{"error head timeout"});
  CHECK(f.output().find("HTTP/1.1 408 Request Timeout\r\n") == 0);
}

TEST_CASE("a body has body_timeout from byte to byte") {
  fixture f;
  f.at(0);
  f.receive(post);
  CHECK(ms(f.server.deadline()) == 30'000);
  f.at(29'000);
  f.receive("x");
  CHECK(ms(f.server.deadline()) == 59'000);
  f.at(58'000);
  f.receive("");
  CHECK(ms(f.server.deadline()) == 59'000);
  CHECK(f.at(59'000) == lines{"error body timeout"});
  CHECK(f.output().find("HTTP/1.1 408") == 0);
}

TEST_CASE("a chunked body has it, too") {
  fixture f;
  f.at(0);
  f.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  f.at(20'000);
  f.receive("5");
  CHECK(ms(f.server.deadline()) == 50'000);
  CHECK(f.at(50'000) == lines{"error body timeout"});
}

TEST_CASE("a peer that reads slowly isn't late with its body") {
  fixture f;
  f.at(0);
  f.receive(post);
  CHECK(f.server.start_response(200) == errc::ok);
  f.at(29'000);
  f.consume(1);
  CHECK(f.at(30'000).empty());
  f.output();
  f.receive("");
  CHECK(f.at(60'000) == lines{"error body timeout"});
}

TEST_CASE("time doesn't run against a body that is held") {
  fixture f;
  f.at(0);
  f.react = [&](const http1::server_event& e) {
    if (std::holds_alternative<http1::request>(e)) CHECK(f.server.hold_body() == errc::ok);
  };
  f.receive(post);
  CHECK(f.server.deadline() == instant::never());
  CHECK(f.at(1'000'000).empty());
  CHECK(f.server.resume_body() == errc::ok);
  f.receive();
  CHECK(ms(f.server.deadline()) == 1'030'000);
}

TEST_CASE("an application has all the time it wants") {
  fixture f;
  f.at(0);
  f.receive(get);
  CHECK(f.server.deadline() == instant::never());
  CHECK(f.at(10'000'000).empty());
  CHECK(f.server.respond(200) == errc::ok);
}

TEST_CASE("idle_timeout starts again behind every exchange") {
  fixture f;
  f.at(0);
  f.receive(get);
  f.at(5'000);
  CHECK(f.server.respond(200) == errc::ok);
  f.receive();
  CHECK(ms(f.server.deadline()) == 35'000);  // of the output
  f.output();
  CHECK(ms(f.server.deadline()) == 65'000);
}

TEST_CASE("output that doesn't leave has write_timeout, from byte to byte") {
  fixture f;
  f.at(0);
  f.receive(get);
  CHECK(f.server.respond(200, {}, text_bytes("hello")) == errc::ok);
  CHECK(ms(f.server.deadline()) == 30'000);
  f.at(20'000);
  f.consume(1);
  CHECK(ms(f.server.deadline()) == 50'000);
  f.at(49'999);
  CHECK(f.at(50'000) == lines{"error write timeout"});
  CHECK(f.server.ending() == ending::reset);
  CHECK(f.output().empty());
  CHECK(f.server.deadline() == instant::never());
}

TEST_CASE("the peer has linger_timeout to close its side, from our last byte on") {
  fixture f;
  f.at(0);
  f.receive("\n");
  CHECK(f.server.ending() == ending::draining);
  CHECK(ms(f.server.deadline()) == 30'000);  // our last byte hasn't left
  f.at(10'000);
  CHECK(f.output().back() == '|');
  CHECK(ms(f.server.deadline()) == 12'000);
  f.receive("more");
  CHECK(ms(f.server.deadline()) == 12'000);
  CHECK(f.at(12'000).empty());
  CHECK(f.server.ending() == ending::close);
  CHECK(f.server.deadline() == instant::never());
}

TEST_CASE("last words that don't leave are dropped") {
  fixture f;
  f.at(0);
  f.receive("\n");
  f.at(30'000);
  CHECK(f.server.ending() == ending::reset);
  CHECK(f.output().empty());
}

TEST_CASE("a clock that starts late or steps back does no harm") {
  fixture late;
  late.receive("GET");
  late.at(5'000);
  late.receive(" ");
  CHECK(ms(late.server.deadline()) == 15'000);

  fixture back;
  back.at(10'000);
  back.at(5'000);
  back.receive("GET");
  CHECK(ms(back.server.deadline()) == 20'000);
}

TEST_CASE("a deadline that passed is told before bytes that came with it") {
  fixture f;
  f.at(0);
  f.receive("GET / HTTP/1.1\r\n");
  f.server.advance({instant{} + seconds(10), 0});
  CHECK(f.receive("Host: a\r\n\r\n") == lines{"error head timeout"});
}

TEST_CASE("deadlines that can't come don't overflow") {
  http1::limits l;
  l.idle_timeout = duration::max();
  fixture f(l);
  f.at(1'000);
  CHECK(ms(f.server.deadline()) == never);
}
