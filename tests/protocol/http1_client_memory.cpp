// Memory of a client: what is held when, and what happens when there is none.
#include "http1_client_fixture.hpp"

using namespace http1_client_test;

namespace {

const std::string chunks =
    answer("200 OK", "Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\nX: y\r\n\r\n");

// One life with everything in it: a whole request, a streamed one with trailers and lent bytes, an
// expectation, interim responses, chunks. Whatever finds no memory is given up.
struct busy_life {
  explicit busy_life(fixture& f) : f_(f) {
    f.react = [this](const http1::client_event& e) {
      if (const auto* b = std::get_if<http1::body>(&e)) echo(b->bytes);
      if (std::holds_alternative<http1::exchange_over>(e)) ask_next();
    };
    ask_next();
    f.output();
    feed(answer("103 Hint") + std::string(ok));
    f.output();
    feed(answer("200 OK", "Content-Length: 5\r\n", "hello"));
    note(f.client.finish({{"X", "y"}}));
    f.output();
    f.receive();
    f.output();
    feed(answer("100 Continue"));
    f.output();
    feed(chunks);
    f.eof();
  }

 private:
  void ask_next() {
    switch (asked_++) {
      case 0: return note(f_.client.send_request("PUT", "/", {host}, text_bytes("hello")));
      case 1: return note(f_.client.start_request("PUT", "/", {host}));
      case 2:
        return note(f_.client.send_request("PUT", "/", {host, {"Expect", "100-continue"}},
                                           text_bytes("hello")));
      default: return;
    }
  }

  void echo(const_bytes bytes) {
    if (f_.client.request_open()) note(f_.client.send(bytes, http1::lifetime::lent));
  }

  // Byte by byte, so that everything that can be partial is.
  void feed(std::string_view bytes) {
    for (const char c : bytes) {
      f_.kept += c;
      f_.lent = f_.kept;
      auto cursor = f_.client.receive(std::as_writable_bytes(std::span(f_.lent)));
      while (const auto event = cursor.next()) f_.react(*event);
      f_.kept.assign(as_text(cursor.remaining()));
      note(f_.client.retain_output());
    }
  }

  void note(errc done) {
    if (done == errc::no_memory) static_cast<void>(f_.client.abort());
  }

  fixture& f_;
  int asked_ = 0;
};

}  // namespace

TEST_CASE("a client that isn't used holds no block, and is small") {
  fixture f;
  CHECK(sizeof(http1::client) <= 640);
  f.at(0);
  f.receive();
  CHECK(f.memory.requests() == 0);
  CHECK(f.client.send_request("GET", "/", {host}) == errc::ok);
  CHECK(f.memory.in_use() == 1);
  f.output();
  CHECK(f.memory.in_use() == 0);
  f.receive("H");
  CHECK(f.memory.in_use() == 1);
  f.receive(std::string(ok).substr(1));
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("exchanges take blocks, nothing else, and give them back") {
  fixture f;
  f.at(0);
  for (int i = 0; i < 1000; ++i) {
    f.ask();
    CHECK(f.receive(ok).back() == "over " + std::to_string(i + 1));
  }
  CHECK(f.memory.in_use_most() == 1);
  CHECK(f.memory.requests() == 2000);
}

TEST_CASE("whichever block isn't there, nothing of a client breaks") {
  fixture fine;
  fine.at(0);
  busy_life whole(fine);
  CHECK(fine.client.ending() == ending::close);
  const std::size_t requests = fine.memory.requests();
  REQUIRE(requests > 6);
  for (std::size_t n = 1; n <= requests; ++n) {
    INFO(n);
    fixture f;
    f.at(0);
    f.memory.refuse(n);
    busy_life cut(f);
    CHECK(f.client.ending() >= ending::close);
    f.output();
    CHECK(f.memory.in_use() == 0);
  }
}

TEST_CASE("a request without memory is refused, and possible later") {
  fixture f;
  f.memory.cap(0);
  CHECK(f.client.send_request("GET", "/", {host}) == errc::no_memory);
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::no_memory);
  CHECK(f.client.outstanding() == 0);
  CHECK(f.client.queued() == 0);
  CHECK(f.client.takes_request());
  f.memory.cap(1);
  CHECK(f.client.send_request("GET", "/", {host}) == errc::ok);
  CHECK(f.output() == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_CASE("small blocks lower the limits of responses' heads, and never more than that") {
  for (std::size_t block = http1::client::block_bytes_min; block < 8192; block += 97) {
    INFO(block);
    fixture f({}, block);
    f.ask();
    CHECK(f.receive(chunks).back() == "over 1");
    f.ask();
    CHECK(f.receive(answer("200 OK", "X: " + std::string(20'000, 'x'))) ==
          lines{"error head too large"});
  }
}

TEST_CASE("whatever the server does, a client's memory stays within its bound") {
  // One block for the response; requests fill blocks up to output_bytes_max.
  http1::client_limits l;
  l.output_bytes_max = 100'000;
  fixture f(l);
  CHECK(f.client.start_request("PUT", "/", {host}) == errc::ok);
  f.consume(1);
  errc done = errc::ok;
  for (int i = 0; i < 1000 && done == errc::ok; ++i) {
    done = f.client.send(text_bytes(std::string(1000, 'x')));
    f.receive(i == 0 ? answer("200 OK") : std::string(10'000, 'x'));
  }
  CHECK(done == errc::connection_gone);  // an end by close: nothing more is sent
  CHECK(f.memory.in_use_most() <= 1 + 100'000 / (http1::client::block_bytes - 128) + 2);
  fixture g(l);
  CHECK(g.client.start_request("PUT", "/", {host}) == errc::ok);
  for (done = errc::ok; done == errc::ok;) done = g.client.send(text_bytes("some bytes"));
  CHECK(done == errc::would_exceed);
  CHECK(g.client.queued() <= 100'000);
  CHECK(g.memory.in_use_most() <= 100'000 / (http1::client::block_bytes - 128) + 2);
}
