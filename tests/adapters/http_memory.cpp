// What a connection costs a server that waits for its next request, by the allocator's own count.
#include "../support/allocations.hpp"
#include "killed.hpp"

#include <drywire/adapters/http_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;

namespace {

constexpr int connections = 1000;

http_server_options patient() {
  http_server_options o;
  o.limits.head_timeout = o.limits.idle_timeout = o.limits.body_timeout = seconds(3600);
  return o;
}

void allow_descriptors(rlim_t count) {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_cur >= count) return;
  limit.rlim_cur = count;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

// Echoes bodies; answers /later only when the present turn is over.
struct fixture {
  explicit fixture(std::string_view name)
      : loop(make_backend(name)), server(*loop, handler(), patient()) {
    const auto address = server.listen(endpoint::loopback_v4(0));
    REQUIRE(address);
    where = *address;
  }

  http_server::handler handler() {
    return [this](exchange& x) {
      x.on_end([this](bool complete) { answered += complete ? 1 : 0; });
      if (x.request().target == "/later") {
        return static_cast<void>(loop->core().post([handle = x.handle()]() mutable {
          CHECK(handle->respond(200, {}, "later\n") == errc::ok);
        }));
      }
      CHECK(x.start(200) == errc::ok);
      x.read_body([](exchange& y, const_bytes piece, bool last) {
        CHECK((last ? y.finish() : y.send_back(piece)) == errc::ok);
      });
    };
  }

  // So many connections, a few at a time, each with its request or two answered.
  std::vector<raw_socket> exchange_with(int count, int at_a_time) {
    std::vector<raw_socket> peers;
    peers.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      peers.push_back(raw_socket::connected_to(where));
      expected += ask(peers.back(), i % 4);
      if ((i + 1) % at_a_time != 0) continue;
      while (answered < expected) REQUIRE(loop->run_once(seconds(10)));
    }
    for (const raw_socket& peer : peers) CHECK(peer.receive().starts_with("HTTP/1.1 200 OK\r\n"));
    return peers;
  }

  // Returns how many answers will come.
  static int ask(const raw_socket& peer, int kind) {
    const std::string body(20'000, 'b');
    switch (kind) {
      case 0: peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"); return 1;
      case 1:
        peer.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + body);
        return 1;
      case 2:
        peer.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" + body +
                  "\r\n0\r\nA: b\r\n\r\n");
        return 1;
      default:  // the second one has to wait
        peer.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return 2;
    }
  }

  std::unique_ptr<backend> loop;
  http_server server;
  endpoint where;
  int answered = 0, expected = 0;
};

}  // namespace

TEST_CASE("an idle connection that was used costs at most 1 KiB on the native loop") {
  const auto name = GENERATE(from_range(backend_names()));
  INFO(name);
  allow_descriptors(2 * connections + 100);
  fixture f(name);
  // What a loop and a server keep for later isn't any connection's.
  f.exchange_with(connections, 50).clear();
  while (f.server.connections() != 0) REQUIRE(f.loop->run_once(seconds(10)));

  const std::size_t before = allocated_bytes();
  std::vector<raw_socket> peers = f.exchange_with(connections, 5);
  const std::size_t list = peers.capacity() * sizeof(raw_socket);
  CHECK(f.server.connections() == connections);
  const std::size_t each = (allocated_bytes() - before - list) / connections;
  std::printf("%.*s: %zu bytes for an idle connection\n", static_cast<int>(name.size()),
              name.data(), each);
  if (name == "native") CHECK(each <= 1024);
  CHECK(each >= sizeof(http1::server));  // it was counted
}
