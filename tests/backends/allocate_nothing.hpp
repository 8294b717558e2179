// What a loop does again and again without allocating, once it has begun.
#pragma once

#include "echo.hpp"

#include <cstddef>

namespace drywire::test {

/// How many allocations there were so far.
using allocation_count = std::size_t (*)();

inline void check_requests_allocate_nothing(backend& loop, allocation_count allocated) {
  echo_server server(loop);
  constexpr int warm = 10;
  constexpr int requests = 1000;
  int replies = 0;
  std::size_t before = 0;
  std::size_t after = 0;
  echo_end client;
  client.opened = [](stream& s) { (void)write(s, "ping"); };
  client.arrived = [&](stream& s, lent_buffer&) {
    if (++replies == warm) before = allocated();
    if (replies < warm + requests) return (void)write(s, "ping");
    after = allocated();
    s.close(seconds(10));
    server.listening->close();
  };
  (void)loop.connect(server.where, client);
  CHECK(loop.run() == error());
  CHECK(replies == warm + requests);
  CHECK(before > 0);
  CHECK(after == before);
}

/// Moves its deadline back and forth, as a deadline that every request moves does.
struct hasty_timer final : timer {
  hasty_timer(backend& l, allocation_count a) : loop(l), allocated(a) {}
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
  allocation_count allocated;
  int fired = 0;
  std::size_t before = 0;
  std::size_t after = 0;
};

inline void check_timers_allocate_nothing(backend& loop, allocation_count allocated) {
  hasty_timer hasty(loop, allocated);
  loop.core().arm(hasty, loop.time().steady);
  CHECK(loop.run() == error());
  CHECK(hasty.fired == 200);
  CHECK(hasty.after == hasty.before);
}

}  // namespace drywire::test
