// The same seed, the same trace; another seed, another order that is legal, too.
#include "echo.hpp"

#include <drywire/sim/sim.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

using namespace drywire;
using drywire::sim::fault_set;

namespace {

// Says back all it hears, however little is taken at a time.
struct echoing final : stream_handler {
  void on_data(stream& s, lent_buffer& lent) noexcept override {
    unsent += as_text(lent.bytes());
    on_writable(s);
  }
  void on_writable(stream& s) noexcept override { unsent.erase(0, test::write(s, unsent)); }
  void on_eof(stream& s) noexcept override { s.close(seconds(10)); }
  void on_closed(stream&, error) noexcept override {}
  std::string unsent;
};

struct echo_server final : accept_handler {
  explicit echo_server(backend& loop, const endpoint& where) { REQUIRE(loop.listen(where, *this)); }
  void on_accept(listener&, stream& s) noexcept override { s.set_handler(ends.emplace_back()); }
  std::deque<echoing> ends;
};

// Sends numbers, and checks that they come back, until it has enough or the connection ends.
struct counting_client final : stream_handler {
  explicit counting_client(int enough) : left(enough) {}

  void on_open(stream& s) noexcept override { ask(s); }
  void on_writable(stream& s) noexcept override { push(s); }
  void on_data(stream& s, lent_buffer& lent) noexcept override {
    const std::string_view got = as_text(lent.bytes());
    if (!expected.starts_with(got)) wrong = true;
    expected.erase(0, got.size());
    if (!expected.empty()) return;
    if (left == 0) return s.close(seconds(10));
    ask(s);
  }
  void on_eof(stream& s) noexcept override { s.close(seconds(10)); }
  void on_closed(stream&, error) noexcept override { ++closes; }

  void ask(stream& s) {
    unsent = "number " + std::to_string(left--) + std::string(500, '.');
    expected = unsent;
    push(s);
  }
  void push(stream& s) { unsent.erase(0, test::write(s, unsent)); }

  int left;
  std::string unsent;
  std::string expected;
  bool wrong = false;
  int closes = 0;
};

struct outcome {
  std::uint64_t hash;
  std::uint64_t events;
  bool operator==(const outcome&) const = default;
};

outcome run(std::uint64_t seed, fault_set faults) {
  sim::network net({.seed = seed, .faults = faults});
  sim::host& host = net.add_host();
  const endpoint where = host.v4(7);
  std::deque<counting_client> clients;
  std::optional<echo_server> server;
  const auto there = sim::make_sim(host);
  server.emplace(*there, where);
  const auto here = sim::make_sim(net.add_host());
  for (int i = 0; i != 20; ++i) (void)here->connect(where, clients.emplace_back(50));
  net.run_for(seconds(600));
  for (const counting_client& each : clients) {
    CHECK_FALSE(each.wrong);
    if (faults.empty()) CHECK((each.closes == 1 && each.left == 0));
  }
  return {net.events().hash(), net.events().size()};
}

}  // namespace

TEST_CASE("the same seed gives the same trace") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CHECK(run(seed, {}) == run(seed, {}));
    CHECK(run(seed, fault_set::all()) == run(seed, fault_set::all()));
  }
}

TEST_CASE("other seeds give other traces, all of them legal") {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed != 41; ++seed) hashes.insert(run(seed, fault_set::all()).hash);
  CHECK(hashes.size() == 40);
}
