// Once connections stand, requests allocate nothing, neither with operator new nor in uv.
#include "allocations.hpp"
#include "echo.hpp"

#include <drywire/uv/uv.hpp>

#include <uv.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace drywire {

namespace {

std::size_t uv_allocations = 0;

void* counted_malloc(std::size_t size) {
  ++uv_allocations;
  return std::malloc(size);
}
void* counted_realloc(void* memory, std::size_t size) {
  ++uv_allocations;
  return std::realloc(memory, size);
}
void* counted_calloc(std::size_t count, std::size_t size) {
  ++uv_allocations;
  return std::calloc(count, size);
}

// Before the first use of uv.
const int counting =
    uv_replace_allocator(counted_malloc, counted_realloc, counted_calloc, std::free);

std::size_t allocated() { return tests::allocations() + uv_allocations; }

}  // namespace

TEST_CASE("requests allocate nothing") {
  REQUIRE(counting == 0);
  const auto loop = make_uv();
  REQUIRE(loop);
  CHECK(uv_allocations > 0);
  test::echo_server server(*loop);
  constexpr int warm = 10;
  constexpr int requests = 1000;
  int replies = 0;
  std::size_t before = 0;
  std::size_t after = 0;
  test::echo_end client;
  client.opened = [](stream& s) { (void)test::write(s, "ping"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    if (++replies == warm) before = allocated();
    if (replies < warm + requests) return (void)test::write(s, "ping");
    after = allocated();
    s.close(seconds(10));
    server.listening->close();
  };
  (void)loop->connect(server.where, client);
  CHECK(loop->run() == error());
  CHECK(replies == warm + requests);
  CHECK(after == before);
}

TEST_CASE("short writes allocate nothing either") {
  const auto loop = make_uv();
  REQUIRE(loop);
  test::echo_server server(*loop);
  const std::string much(1024UL * 1024, 'x');
  constexpr int warm = 3;
  constexpr int rounds = 20;
  int round = 0;
  std::size_t accepted_behind = 0;  // a short write, before on_writable
  std::size_t before = 0;
  std::size_t after = 0;

  struct writer final : stream_handler {
    void on_open(stream& s) noexcept override { again(s); }
    void on_data(stream&, lent_buffer&) noexcept override {}
    void on_eof(stream&) noexcept override {}
    void on_writable(stream& s) noexcept override { again(s); }
    void on_closed(stream&, error) noexcept override {}
    std::function<void(stream&)> again;
  } client;
  client.again = [&](stream& s) {
    if (++round == warm) before = allocated();
    if (round == warm + rounds) {
      after = allocated();
      s.abort();
      server.listening->close();
      return;
    }
    while (test::write(s, much) == much.size()) {
    }
    accepted_behind += test::write(s, much);
  };
  (void)loop->connect(server.where, client);
  CHECK(loop->run() == error());
  CHECK(round == warm + rounds);
  CHECK(accepted_behind == 0);
  CHECK(after == before);
}

namespace {

// Moves its deadline back and forth, as a deadline that every request moves does.
struct hasty_timer final : timer {
  explicit hasty_timer(backend& l) : loop(l) {}
  ~hasty_timer() override { cancel(); }
  void on_timer() noexcept override {
    if (++fired == 10) before = allocated();
    after = allocated();
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
  const auto loop = make_uv();
  REQUIRE(loop);
  hasty_timer hasty(*loop);
  loop->core().arm(hasty, loop->time().steady);
  CHECK(loop->run() == error());
  CHECK(hasty.fired == 200);
  CHECK(hasty.after == hasty.before);
}

}  // namespace drywire
