// Memory: what is held when, and what happens when there is none.
#include "http1_fixture.hpp"

#include <string>

using namespace http1_test;

namespace {

// One life with everything in it: pipelining, chunks, trailers, echo, a stream, a fault.
const std::string busy_life =
    std::string(get) + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "c8\r\n" + std::string(200, 'e') + "\r\n0\r\nX: y\r\n\r\n" +
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc" +
    "GET /bad HTTP/1.1\r\nHost : a\r\n\r\n";

void echo(fixture& f) {
  f.react = [&f](const http1::server_event& e) {
    errc done = errc::ok;
    if (const auto* r = std::get_if<http1::request>(&e)) {
      if (r->head->target == "/echo") done = f.server.start_response(200);
    } else if (const auto* b = std::get_if<http1::body>(&e)) {
      if (f.head->target == "/echo") done = f.server.send(b->bytes, http1::lifetime::lent);
    } else if (std::holds_alternative<http1::request_end>(e)) {
      done = f.head->target == "/echo" ? f.server.finish({{"Z", "z"}})
                                       : f.server.respond(200, {}, text_bytes("fine"));
    }
    // Without memory a response isn't to be had: what an application does then is to give up.
    if (done == errc::no_memory) CHECK(f.server.abort() == errc::ok);
    if (done != errc::no_memory && done != errc::connection_gone) CHECK(done == errc::ok);
  };
}

}  // namespace

TEST_CASE("a connection that isn't used holds no block, and is small") {
  fixture f;
  CHECK(sizeof(http1::server) <= 512);
  CHECK(f.memory.requests() == 0);
  f.at(0);
  CHECK(f.receive("\r\n").empty());
  CHECK(f.memory.requests() == 0);
  f.receive(get);
  CHECK(f.memory.in_use() == 1);
  CHECK(f.server.respond(200) == errc::ok);
  CHECK(f.memory.in_use() == 2);
  f.receive();
  CHECK(f.memory.in_use() == 1);
  f.output();
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("what can't be a request costs no block") {
  fixture f;
  CHECK(f.receive("\x16\x03\x01") == lines{"error not a request"});
  CHECK(f.memory.in_use_most() == 1);  // the reply's
}

TEST_CASE("requests take blocks, nothing else, and give them back") {
  fixture f;
  f.at(0);
  for (int i = 0; i < 1000; ++i) {
    f.receive(get);
    CHECK(f.server.respond(200, {}, text_bytes("x")) == errc::ok);
    f.output();
  }
  CHECK(f.memory.in_use_most() == 2);
  CHECK(f.memory.requests() == 2000);
}

TEST_CASE("whichever block isn't there, nothing breaks") {
  fixture fine;
  fine.at(0);
  echo(fine);
  fine.receive(busy_life);
  const std::string whole = fine.output();
  CHECK(whole.find("400 Bad Request") != whole.npos);
  const std::size_t requests = fine.memory.requests();
  REQUIRE(requests > 5);
  for (std::size_t n = 1; n <= requests; ++n) {
    INFO(n);
    fixture f;
    f.at(0);
    echo(f);
    f.memory.refuse(n);
    // Byte by byte, so that everything that can be partial is.
    for (const char c : busy_life) {
      f.kept += c;
      f.lent = f.kept;
      auto cursor = f.server.receive(std::as_writable_bytes(std::span(f.lent)));
      while (const auto event = cursor.next()) {
        f.brief(*event);
        f.react(*event);
      }
      f.kept.assign(as_text(cursor.remaining()));
      if (f.server.retain_output() != errc::ok) CHECK(f.server.abort() == errc::ok);
    }
    f.output();
    f.eof();
    CHECK((f.server.ending() == ending::close || f.server.ending() == ending::reset));
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("a response without memory is refused, and possible later") {
  fixture f;
  f.receive(get);
  f.memory.cap(1);
  CHECK(f.server.respond(200, {}, text_bytes("x")) == errc::no_memory);
  CHECK(f.server.start_response(200) == errc::no_memory);
  CHECK(f.server.queued() == 0);
  CHECK(f.server.response_open());
  f.memory.cap(2);
  CHECK(f.server.respond(200, {}, text_bytes("x")) == errc::ok);
  CHECK(f.output() == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
}

TEST_CASE("a source that finds no memory goes on when output has left") {
  struct endless final : http1::body_source {
    result pull(mutable_bytes to) noexcept override { return {to.size(), state::more}; }
  } source;
  fixture f;
  f.receive(get);
  f.memory.cap(3);
  CHECK(f.server.start_response(200, {}, 1'000'000) == errc::ok);
  CHECK(f.server.pull_from(source) == errc::ok);
  CHECK(f.output(1 << 20).size() > 1'000'000);
  CHECK(f.memory.in_use_most() == 3);

  fixture none;
  none.receive(get);
  CHECK(none.server.start_response(200, {}, 1'000'000) == errc::ok);
  none.output();
  CHECK(none.server.pull_from(source) == errc::ok);
  none.memory.cap(1);
  CHECK(none.server.output(1000).empty());
  CHECK(none.server.ending() == ending::reset);
}

TEST_CASE("small blocks lower the limits of heads, and never more than that") {
  for (std::size_t block = http1::server::block_bytes_min; block < 8192; block += 97) {
    INFO(block);
    fixture f({}, block);
    CHECK(f.receive(get) == lines{"GET /", "end"});
    CHECK(f.server.respond(200) == errc::ok);
    CHECK(f.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " +
                    std::string(5000, 'x')) == lines{"POST /", "error trailers too large"});
    fixture g({}, block);
    CHECK(g.receive("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')) ==
          lines{"error head too large"});
    fixture h({}, block);
    CHECK(h.receive("GET /" + std::string(20'000, 'x')).size() == 1);
  }
}

TEST_CASE("whatever the peer does, memory stays within its bound") {
  // The request's block, and the blocks that output_bytes_max fills: responses and what is left of
  // a block where a piece didn't fit.
  http1::limits l;
  l.output_bytes_max = 100'000;
  l.output_low_bytes = 50'000;
  fixture f(l);
  f.react = [&](const http1::server_event& e) {
    if (!std::holds_alternative<http1::request_end>(e)) return;
    const errc done = f.server.respond(200, {}, text_bytes(std::string(20'000, 'x')));
    CHECK(done == errc::ok);
  };
  std::string many;
  for (int i = 0; i < 1000; ++i) many += get;
  f.receive(many);
  CHECK(f.server.queued() <= 100'000);
  CHECK(f.memory.in_use_most() <= 1 + 100'000 / (http1::server::block_bytes - 128) + 2);
}
