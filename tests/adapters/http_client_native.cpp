// Client and server on a loop that has real sockets.
#include <drywire/adapters/http_client.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/loop/native.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace drywire;

namespace {

struct fixture {
  explicit fixture(http_server::handler handler) : server(*loop, std::move(handler)) {
    const auto where = server.listen(endpoint::loopback_v4(0));
    REQUIRE(where);
    origin = "http://" + where->to_string();
  }
  void run() { REQUIRE_FALSE(loop->run()); }

  std::unique_ptr<backend> loop = make_native();
  http_server server;
  std::string origin;
};

}  // namespace

TEST_CASE("a response is collected, over a real socket") {
  fixture f([](exchange& x) {
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

TEST_CASE("nobody listens") {
  auto loop = make_native();
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
