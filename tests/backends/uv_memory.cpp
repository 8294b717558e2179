// Once connections stand, requests allocate nothing, neither with operator new nor in uv.
#include "allocate_nothing.hpp"
#include "allocations.hpp"

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
  test::check_requests_allocate_nothing(*loop, allocated);
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

TEST_CASE("timers and wake-ups allocate nothing") {
  const auto loop = make_uv();
  REQUIRE(loop);
  test::check_timers_allocate_nothing(*loop, allocated);
}

}  // namespace drywire
