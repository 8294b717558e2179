// Once connections stand, requests allocate nothing: the memory of Asio's operations lies in the
// streams, and the blocks in their pool.
#include "allocate_nothing.hpp"
#include "allocations.hpp"

#include <drywire/asio/asio.hpp>

using namespace drywire;

TEST_CASE("requests allocate nothing") {
  const auto loop = make_asio();
  REQUIRE(loop);
  test::check_requests_allocate_nothing(*loop, tests::allocations);
}

TEST_CASE("timers and wake-ups allocate nothing") {
  const auto loop = make_asio();
  REQUIRE(loop);
  test::check_timers_allocate_nothing(*loop, tests::allocations);
}
