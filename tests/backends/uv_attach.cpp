// What is particular to a guest of a uv_loop_t. What holds for every host: attaching.cpp and
// leaving.cpp.
#include "echo.hpp"
#include "nodes.hpp"

#include <drywire/uv/uv.hpp>

#include <uv.h>

#include <csignal>
#include <memory>
#include <system_error>

namespace drywire::test {

namespace {

int handles_in(uv_loop_t& loop) {
  int handles = 0;
  const auto count = [](uv_handle_t*, void* counted) { ++*static_cast<int*>(counted); };
  uv_walk(&loop, count, &handles);
  return handles;
}

}  // namespace

TEST_CASE("an attached loop leaves the running to the application") {
  uv_loop_t host;
  REQUIRE(uv_loop_init(&host) == 0);
  auto loop = attach_uv(host);
  REQUIRE(loop);
  CHECK(loop->name() == "uv");
  CHECK(loop->run() == std::errc::not_supported);
  CHECK_FALSE(loop->run_once(milliseconds(1)));
  loop->stop();
  CHECK(uv_run(&host, UV_RUN_DEFAULT) == 0);
  loop.reset();
  CHECK(uv_loop_close(&host) == UV_EBUSY);  // one that is destroyed needs a turn
  uv_run(&host, UV_RUN_NOWAIT);
  CHECK(uv_loop_close(&host) == 0);
}

TEST_CASE("behind done uv_walk finds no handle, and the loop can be closed") {
  uv_loop_t host;
  REQUIRE(uv_loop_init(&host) == 0);
  auto loop = attach_uv(host);
  REQUIRE(loop);
  echo_server server(*loop);
  echo_end client;
  (void)loop->connect(server.where, client);
  test_timer never([] { FAIL("nothing fires"); });
  loop->core().arm(never, loop->time().steady + seconds(3600));
  int handles_at_done = -1;
  loop->detach([&] {
    handles_at_done = handles_in(host);
    loop.reset();
  });
  CHECK(handles_in(host) > 0);
  while (loop != nullptr) uv_run(&host, UV_RUN_ONCE);
  CHECK(handles_at_done == 0);
  CHECK(client.closes == 1);
  CHECK(uv_loop_close(&host) == 0);
}

TEST_CASE("a guest destroyed while uv closes its handles isn't said to have detached") {
  struct {
    uv_loop_t loop{};
    uv_check_t check{};
    std::unique_ptr<backend> guest;
    echo_end client;
  } host;
  REQUIRE(uv_loop_init(&host.loop) == 0);
  host.guest = attach_uv(host.loop);
  REQUIRE(host.guest);
  (void)host.guest->connect(endpoint::loopback_v4(1), host.client);
  host.guest->detach([] { FAIL_CHECK("done"); });
  // Called behind the turn in which all is told, and before uv closes handles.
  uv_check_init(&host.loop, &host.check);
  host.check.data = &host;
  uv_check_start(&host.check, [](uv_check_t* h) {
    auto& self = *static_cast<decltype(host)*>(h->data);
    if (self.client.closes == 0) return;
    self.guest.reset();
    uv_close(reinterpret_cast<uv_handle_t*>(h), nullptr);
  });
  CHECK(uv_run(&host.loop, UV_RUN_DEFAULT) == 0);
  CHECK(host.guest == nullptr);
  CHECK(host.client.reason == std::errc::operation_canceled);
  CHECK(uv_loop_close(&host.loop) == 0);
}

TEST_CASE("SIGPIPE is ignored, also after it was handled") {
  deaf_handler signals;
  {
    const auto loop = make_uv();
    CHECK(loop->handle_signal(SIGPIPE, signals) == error());
  }
  struct sigaction present {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &present) == 0);
  CHECK(present.sa_handler == SIG_IGN);
}

}  // namespace drywire::test
