// Thousands that send their heads a byte a second: what they hold, how they end, and who is served
// meanwhile.
#include "../support/allocations.hpp"
#include "fake_backend.hpp"

#include <drywire/adapters/http_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

struct fixture {
  fixture(std::size_t blocks, std::size_t count) : server(loop, hello(), {.blocks_max = blocks}) {
    REQUIRE(server.listen(endpoint::loopback_v4(0)));
    honest = &loop.connect_client();
    CHECK(honest_status() == "200");
    for (std::size_t i = 0; i < count; ++i) tricklers.push_back(&loop.connect_client());
    bytes_before = allocated_bytes();
  }

  static http_server::handler hello() {
    return [](exchange& x) { static_cast<void>(x.respond(200, {}, "hello\n")); };
  }

  void all_send(std::string_view text) {
    for (fake_stream* t : tricklers) t->arrive(text);
  }

  std::string honest_status() {
    honest->written.clear();
    honest->arrive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(honest->written.size() > 12);
    return honest->written.substr(9, 3);
  }

  std::size_t count_answered(std::string_view status) const {
    std::size_t n = 0;
    for (const fake_stream* t : tricklers) {
      if (t->written.starts_with(status)) ++n;
    }
    return n;
  }

  std::size_t grown() const { return allocated_bytes() - bytes_before; }

  fake_backend loop;
  http_server server;
  fake_stream* honest = nullptr;
  std::vector<fake_stream*> tricklers;
  std::size_t bytes_before = 0;
};

}  // namespace

TEST_CASE("two thousand who trickle short heads hold 2 KiB each, and others are served") {
  constexpr std::size_t count = 2000;
  fixture f(1, count);  // the one block is for the honest peer's answers
  for (const char c : std::string_view("GET / HTTP")) {
    f.all_send({&c, 1});
    CHECK(f.honest_status() == "200");
    CHECK(f.grown() <= count * (http1::server::beginning_bytes + 16) + 4096);
    CHECK(f.count_answered("HTTP") == 0);
    f.loop.pass(seconds(1));
  }
  CHECK(f.count_answered("HTTP/1.1 408 ") == count);
  CHECK(f.honest_status() == "200");
  f.loop.pass(seconds(2));  // they linger
  f.loop.end_closed_streams();
  CHECK(f.server.connections() == 1);
}

TEST_CASE("those who trickle long heads hold no more than all blocks, for a time") {
  constexpr std::size_t count = 500;
  constexpr std::size_t blocks = 100;
  fixture f(blocks, count);
  f.all_send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x'));
  CHECK(f.count_answered("HTTP/1.1 503 ") == count - blocks);
  CHECK(f.grown() <= blocks * (http1::server::block_bytes + 16) + count * 2200);
  f.honest->arrive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(f.honest->aborts == 1);  // its answer found no block
  f.honest = &f.loop.connect_client();
  f.loop.pass(seconds(10));
  CHECK(f.count_answered("HTTP/1.1 408 ") == blocks);
  CHECK(f.honest_status() == "200");
}
