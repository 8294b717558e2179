// Client and server on each loop that has real sockets.
#include <drywire/adapters/http_client.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/backends/make_backend.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <string>

using namespace drywire;

namespace {

struct fixture {
  fixture(std::string_view name, http_server::handler handler)
      : loop(make_backend(name)), server(*loop, std::move(handler)) {
    const auto where = server.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    origin = "http://" + where->to_string();
  }
  void run() { REQUIRE_FALSE(loop->run()); }

  std::unique_ptr<backend> loop;
  http_server server;
  std::string origin;
};

}  // namespace

TEST_CASE("a response is collected, over a real socket") {
  const auto name = GENERATE(from_range(backend_names()));
  INFO(name);
  fixture f(name, [](exchange& x) {
    CHECK(x.request().target == "/greet?loud");
    CHECK(x.respond(200, {{"Content-Type", "text/plain"}}, "HELLO\n") == errc::ok);
  });
  http_client client(*f.loop);
  int answers = 0;
  const std::string url = f.origin + "/greet?loud";
  client.fetch({.url = url}, 100, [&](const http_answer& a) {
    ++answers;
    CHECK(a.outcome.message() == "complete");
    CHECK(a.status == 200);
    CHECK(a.body == "HELLO\n");
    REQUIRE(a.find("content-type") != nullptr);
    CHECK(a.find("content-type")->value == "text/plain");
    client.close();
    f.server.drain();
  });
  f.run();
  CHECK(answers == 1);
  CHECK(client.connections() == 0);
}

TEST_CASE("two hundred calls share six connections, and large bodies come back") {
  const auto name = GENERATE(from_range(backend_names()));
  INFO(name);
  fixture f(name, [](exchange& x) {
    CHECK(x.start(200) == errc::ok);
    x.read_body([](exchange& y, const_bytes piece, bool last) {
      CHECK((last ? y.finish() : y.send_back(piece)) == errc::ok);
    });
  });
  http_client client(*f.loop);
  const std::string large(300'000, 'x');
  const std::string url = f.origin + "/";
  int answers = 0;
  std::size_t connections_most = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string_view body = i % 20 == 0 ? std::string_view(large) : "small";
    client.fetch({.method = "PUT", .url = url, .body = body}, 1 << 20, [&, body](const auto& a) {
      CHECK(a.outcome.complete());
      CHECK((a.body == body));
      connections_most = std::max(connections_most, client.connections());
      if (++answers < 200) return;
      client.close();
      f.server.drain();
    });
  }
  f.run();
  CHECK(answers == 200);
  CHECK(connections_most == 6);
}

TEST_CASE("nobody listens") {
  const auto name = GENERATE(from_range(backend_names()));
  INFO(name);
  auto loop = make_backend(name);
  http_client client(*loop);
  http_outcome outcome;
  client.fetch({.url = "http://127.0.0.1:1/"}, 100, [&](const http_answer& a) {
    outcome = a.outcome;
    CHECK(a.status == 0);
  });
  REQUIRE_FALSE(loop->run());
  CHECK(outcome.end == http_end::connect_failed);
  CHECK(outcome.system == std::errc::connection_refused);
  CHECK(outcome.message() == "can't connect: Connection refused");
}
