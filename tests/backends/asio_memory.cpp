// Once connections stand, requests allocate nothing: the memory of Asio's operations lies in the
// streams, and the blocks in their pool.
#include "allocations.hpp"
#include "echo.hpp"

#include <drywire/asio/asio.hpp>

namespace drywire {

TEST_CASE("requests allocate nothing") {
  const auto loop = make_asio();
  REQUIRE(loop);
  test::echo_server server(*loop);
  constexpr int warm = 10;
  constexpr int requests = 1000;
  int replies = 0;
  std::size_t before = 0;
  std::size_t after = 0;
  test::echo_end client;
  client.opened = [](stream& s) { (void)test::write(s, "ping"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    if (++replies == warm) before = tests::allocations();
    if (replies < warm + requests) return (void)test::write(s, "ping");
    after = tests::allocations();
    s.close(seconds(10));
    server.listening->close();
  };
  (void)loop->connect(server.where, client);
  CHECK(loop->run() == error());
  CHECK(replies == warm + requests);
  CHECK(before > 0);
  CHECK(after == before);
}

namespace {

// Moves its deadline back and forth, as a deadline that every request moves does.
struct hasty_timer final : timer {
  explicit hasty_timer(backend& l) : loop(l) {}
  ~hasty_timer() override { cancel(); }
  void on_timer() noexcept override {
    if (++fired == 10) before = tests::allocations();
    after = tests::allocations();
    if (fired == 200) return;
    const instant now = loop.time().steady;
    loop.core().arm(*this, now + milliseconds(50));
    loop.core().arm(*this, now + microseconds(50));
  }

  backend& loop;
  int fired = 0;
  std::size_t before = 0;
  std::size_t after = 0;
};

}  // namespace

TEST_CASE("timers and wake-ups allocate nothing") {
  const auto loop = make_asio();
  REQUIRE(loop);
  hasty_timer hasty(*loop);
  loop->core().arm(hasty, loop->time().steady);
  CHECK(loop->run() == error());
  CHECK(hasty.fired == 200);
  CHECK(hasty.after == hasty.before);
}

}  // namespace drywire
