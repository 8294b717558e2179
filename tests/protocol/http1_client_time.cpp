// Time-outs of a client, under a clock that only moves when it is told to.
#include "http1_client_fixture.hpp"

using namespace http1_client_test;

namespace {

std::int64_t ms(instant t) { return t.nanoseconds / 1'000'000; }

const std::string length_9 = answer("200 OK", "Content-Length: 9\r\n");

}  // namespace

TEST_CASE("without a clock a client has no time-outs") {
  fixture f;
  CHECK(f.client.deadline() == instant::never());
  f.ask();
  f.receive();
  CHECK(f.client.deadline() == instant::never());
  f.receive(length_9);
  CHECK(f.client.deadline() == instant::never());
  fixture g;
  CHECK(g.client.send_request("POST", "/", {host, {"Expect", "100-continue"}}, text_bytes("x")) ==
        errc::ok);
  g.output();
  CHECK(g.client.deadline() == instant::never());
  g.at(5'000);
  CHECK(ms(g.client.deadline()) == 6'000);
}

TEST_CASE("a client's connection that isn't used ends after idle_timeout") {
  fixture f;
  f.at(1'000);
  CHECK(ms(f.client.deadline()) == 31'000);
  CHECK(f.at(30'999).empty());
  CHECK(f.at(31'000) == lines{"error idle timeout"});
  CHECK(f.client.ending() == ending::close);

  fixture g;
  g.at(0);
  g.ask();
  g.at(10'000);
  g.receive(ok);
  CHECK(ms(g.client.deadline()) == 40'000);
  g.ask();
  g.receive();
  CHECK(ms(g.client.deadline()) == 70'000);
}

TEST_CASE("RFC 9112 9.5: a request that comes too late for an idle connection isn't granted") {
  fixture f;
  f.at(0);
  f.client.advance({instant{} + seconds(30), 30});
  CHECK(!f.client.takes_request());
  CHECK(f.client.send_request("GET", "/", {host}) == errc::connection_gone);
  CHECK(f.client.start_request("POST", "/", {host}) == errc::connection_gone);
  CHECK(f.output().empty());
  CHECK(f.receive() == lines{"error idle timeout"});
}

TEST_CASE("a response has response_timeout from the request's last byte to its first") {
  fixture f;
  f.at(0);
  CHECK(f.client.send_request("GET", "/", {host}) == errc::ok);
  f.receive();
  CHECK(ms(f.client.deadline()) == 30'000);  // to write
  f.at(5'000);
  f.output();
  f.receive();
  CHECK(ms(f.client.deadline()) == 65'000);
  f.at(64'999);
  f.receive("H");
  CHECK(ms(f.client.deadline()) == 74'999);
  CHECK(f.at(74'999) == lines{"error head timeout"});

  fixture g;
  g.at(0);
  g.ask();
  g.receive();
  CHECK(g.at(60'000) == lines{"error response timeout"});
}

TEST_CASE("an application has all the time it wants for its body") {
  fixture f;
  f.at(0);
  CHECK(f.client.start_request("POST", "/", {host}) == errc::ok);
  f.output();
  f.receive();
  CHECK(f.client.deadline() == instant::never());
  CHECK(f.at(1'000'000).empty());
  CHECK(f.client.finish() == errc::ok);
  f.output();
  f.receive();
  CHECK(ms(f.client.deadline()) == 1'060'000);
}

TEST_CASE("an interim response begins response_timeout anew, and there are few of them") {
  fixture f;
  f.at(0);
  f.ask();
  f.at(50'000);
  CHECK(f.receive(answer("102 Wait")) == lines{"102"});
  CHECK(ms(f.client.deadline()) == 110'000);
  CHECK(f.at(110'000) == lines{"error response timeout"});
}

TEST_CASE("a request that is pipelined doesn't put off the response before it") {
  http1::client_limits l;
  l.requests_max = 2;
  fixture f(l);
  f.at(0);
  f.ask();
  f.receive();
  f.at(50'000);
  CHECK(f.client.start_request("POST", "/", {host}) == errc::ok);
  f.output();
  f.receive();
  CHECK(ms(f.client.deadline()) == 60'000);
  CHECK(f.at(60'000) == lines{"error response timeout"});
}

TEST_CASE("a response's head has head_timeout from its first byte, however it dribbles") {
  fixture f;
  f.at(0);
  f.ask();
  f.at(5'000);
  f.receive("H");
  f.at(14'000);
  f.receive("TTP/1.1 200 OK\r\n");
  CHECK(ms(f.client.deadline()) == 15'000);
  CHECK(f.at(15'000) == lines{"error head timeout"});
}

TEST_CASE("a response's body has body_timeout from byte to byte", "[9112-6.3h]") {
  for (const std::string& head :
       {length_9, answer("200 OK"), answer("200 OK", "Transfer-Encoding: chunked\r\n")}) {
    fixture f;
    f.at(0);
    f.ask();
    f.receive(head);
    CHECK(ms(f.client.deadline()) == 30'000);
    f.at(29'000);
    f.receive("5");
    CHECK(ms(f.client.deadline()) == 59'000);
    f.at(58'000);
    CHECK(ms(f.client.deadline()) == 59'000);
    CHECK(f.at(59'000) == lines{"error body timeout"});
  }
}

TEST_CASE("time doesn't run against a response's body that is held") {
  fixture f;
  f.at(0);
  f.ask();
  f.react = [&](const http1::client_event& e) {
    if (std::holds_alternative<http1::response>(e)) CHECK(f.client.hold_body() == errc::ok);
  };
  f.receive(length_9);
  CHECK(f.client.deadline() == instant::never());
  CHECK(f.at(1'000'000).empty());
  CHECK(f.client.resume_body() == errc::ok);
  f.receive();
  CHECK(ms(f.client.deadline()) == 1'030'000);
}

TEST_CASE("a request that doesn't leave has write_timeout, from byte to byte") {
  fixture f;
  f.at(0);
  CHECK(f.client.send_request("PUT", "/", {host}, text_bytes("hello")) == errc::ok);
  CHECK(ms(f.client.deadline()) == 30'000);
  f.at(20'000);
  f.consume(1);
  CHECK(ms(f.client.deadline()) == 50'000);
  CHECK(f.at(50'000) == lines{"error write timeout"});
  CHECK(f.client.ending() == ending::reset);
  CHECK(f.client.deadline() == instant::never());
}

TEST_CASE("a response that comes while its request leaves slowly isn't late") {
  fixture f;
  f.at(0);
  CHECK(f.client.send_request("PUT", "/", {host}, text_bytes("hello")) == errc::ok);
  f.consume(48);
  f.receive(length_9);
  f.at(29'000);
  f.consume(1);
  CHECK(f.at(30'000).empty());
  f.output();
  f.receive();
  CHECK(f.at(60'000) == lines{"error body timeout"});
}

TEST_CASE("the wait for a 100 begins when the head has left") {
  fixture f;
  f.at(0);
  CHECK(f.client.send_request("PUT", "/", {host, {"Expect", "100-continue"}},
                              text_bytes("hello")) == errc::ok);
  f.at(10'000);
  f.consume(5);
  CHECK(ms(f.client.deadline()) == 40'000);
  f.output();
  CHECK(ms(f.client.deadline()) == 11'000);
  f.at(11'000);
  CHECK(ms(f.client.deadline()) == 41'000);  // to write the body
  CHECK(f.output() == "hello");
  f.receive();
  CHECK(ms(f.client.deadline()) == 71'000);
}

TEST_CASE("a client's deadline that passed is told before bytes that came with it") {
  fixture f;
  f.at(0);
  f.ask();
  f.receive("HTTP/1.1 ");
  f.client.advance({instant{} + seconds(10), 0});
  CHECK(f.receive("200 OK\r\n\r\n") == lines{"error head timeout"});
}

TEST_CASE("a client's clock that starts late or steps back does no harm") {
  fixture late;
  late.ask();
  late.receive("HTTP");
  late.at(5'000);
  late.receive("/");
  CHECK(ms(late.client.deadline()) == 15'000);

  fixture back;
  back.at(10'000);
  back.ask();
  back.at(5'000);
  back.receive("HTTP");
  CHECK(ms(back.client.deadline()) == 20'000);
}
