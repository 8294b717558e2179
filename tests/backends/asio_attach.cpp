// What is particular to a guest of an io_context. What holds for every host: attaching.cpp and
// leaving.cpp.
#include "asio_include.hpp"
#include "echo.hpp"
#include "nodes.hpp"

#include <drywire/asio/asio.hpp>

#include <memory>
#include <system_error>

namespace drywire::test {

TEST_CASE("an attached loop leaves the running to the application") {
  net::io_context context;
  const auto loop = attach_asio(context);
  CHECK(loop->name() == "asio");
  CHECK(loop->run() == std::errc::not_supported);
  CHECK_FALSE(loop->run_once(milliseconds(1)));
  loop->stop();
  CHECK(context.run() == 0);
}

TEST_CASE("an io_context that never runs again may die with the cancelled handlers in it") {
  auto context = std::make_unique<net::io_context>();
  auto loop = attach_asio(*context);
  echo_server server(*loop);
  echo_end client;
  (void)loop->connect(server.where, client);
  test_timer never([] { FAIL("nothing ran"); });
  loop->core().arm(never, loop->time().steady + seconds(3600));
  CHECK(loop->core().post([] { FAIL("nothing ran"); }));
  SECTION("destroyed") {}
  SECTION("detaching") {
    loop->detach([] { FAIL("nothing ran"); });
  }
  loop.reset();
  CHECK(client.closes == 1);
  CHECK(client.reason == std::errc::operation_canceled);
  context.reset();
}

TEST_CASE("behind done an io_context has no work, and may die unrun") {
  auto context = std::make_unique<net::io_context>();
  auto loop = attach_asio(*context);
  echo_server server(*loop);
  echo_end client;
  (void)loop->connect(server.where, client);
  bool done = false;
  loop->detach([&] {
    loop.reset();
    done = true;
  });
  while (!done) REQUIRE(context->run_one() == 1);
  CHECK(client.closes == 1);
  CHECK(context->poll() == 0);
  CHECK(context->stopped());
  context.reset();
}

}  // namespace drywire::test
