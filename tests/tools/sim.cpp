// `drywire sim`: the server keeps its promises under every fault, and one that doesn't is caught,
// by a seed that does it again.
#include "sim.hpp"

#include "broken_calls.hpp"
#include "command_line.hpp"
#include "failure.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

using namespace drywire;
using namespace drywire::tests;
using namespace drywire::tools;

namespace {

// Says of a short write that it took a byte more: that byte is lost.
class losing_calls final : public passing_calls {
 public:
  using passing_calls::passing_calls;

  result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept override {
    result<std::size_t> taken = passing_calls::send(fd, pieces);
    std::size_t wanted = 0;
    for (const const_bytes piece : pieces) wanted += piece.size();
    if (taken && *taken < wanted) ++*taken;
    return taken;
  }
};

// Now and then says that it took all, and sends nothing: a reply that never comes.
class silent_calls final : public passing_calls {
 public:
  using passing_calls::passing_calls;

  result<std::size_t> send(int fd, std::span<const const_bytes> pieces) noexcept override {
    if (++calls_ % 100 != 0) return passing_calls::send(fd, pieces);
    std::size_t taken = 0;
    for (const const_bytes piece : pieces) taken += piece.size();
    return taken;
  }

 private:
  unsigned calls_ = 0;
};

std::string told(const sim_flags& wanted) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const out = open_memstream(&text, &size);
  CHECK(simulate(wanted, out) == 0);
  std::fclose(out);
  const std::string all(text, size);
  std::free(text);
  return all;
}

command_line parse(std::vector<const char*> words) {
  words.insert(words.begin(), {"drywire", "sim"});
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("the same seed gives the same trace, another one another") {
  std::set<std::uint64_t> hashes;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const sim::fault_set faults : {sim::fault_set(), sim::fault_set::all()}) {
      const simulation_options options{.clients = 30, .hours = 0.2, .seed = seed, .faults = faults};
      const outcome once = run(options);
      CHECK(once == run(options));
      CHECK(once.replies > 100);
      hashes.insert(once.hash);
    }
  }
  CHECK(hashes.size() == 6);
}

TEST_CASE("without faults every request is answered, whoever reads slowly, halves or aborts") {
  for (std::uint64_t seed = 1; seed != 41; ++seed) {
    CAPTURE(seed);
    CHECK(run({.clients = 10, .hours = 0.2, .seed = seed}).violation == "");
  }
}

TEST_CASE("each fault alone breaks no promise") {
  for (const sim::named_fault& each : sim::named_faults()) {
    for (std::uint64_t seed = 1; seed != 11; ++seed) {
      CAPTURE(each.name, seed);
      CHECK(run({.clients = 10, .hours = 0.2, .seed = seed, .faults = each.what}).violation == "");
    }
  }
}

TEST_CASE("all faults together break no promise") {
  for (std::uint64_t seed = 1; seed != 101; ++seed) {
    CAPTURE(seed);
    CHECK(run({.clients = 10, .hours = 0.2, .seed = seed, .faults = sim::fault_set::all()})
              .violation == "");
  }
}

TEST_CASE("a byte lost on a short write is caught, and its seed catches it again") {
  for (const sim::fault_set faults :
       {sim::fault_set(sim::fault::short_writes), sim::fault_set::all()}) {
    simulation_options options{.clients = 10, .hours = 0.2, .faults = faults};
    outcome caught = run_broken<losing_calls>(options);
    while (caught.violation.empty() && options.seed != 20) {
      ++options.seed;
      caught = run_broken<losing_calls>(options);
    }
    CAPTURE(options.seed);
    CHECK(caught.violation != "");
    CHECK(caught == run_broken<losing_calls>(options));
    CHECK(run(options).violation == "");
  }
}

TEST_CASE("the HTTP client's calls end once, in time, with the right bytes or a named reason") {
  std::uint64_t replies = 0;
  for (std::uint64_t seed = 1; seed != 1001; ++seed) {
    CAPTURE(seed);
    const simulation_options options{.clients = 10,
                                     .hours = 0.1,
                                     .seed = seed,
                                     .faults = sim::fault_set::all(),
                                     .client = user_kind::adapter};
    const outcome once = run(options);
    CHECK(once.violation == "");
    if (seed % 20 == 0) CHECK(once == run(options));
    replies += once.replies;
  }
  CHECK(replies > 100'000);
}

TEST_CASE("without faults the HTTP client completes every call that nobody cancels") {
  for (std::uint64_t seed = 1; seed != 101; ++seed) {
    CAPTURE(seed);
    const simulation_options options{
        .clients = 10, .hours = 0.2, .seed = seed, .client = user_kind::adapter};
    CHECK(run(options).violation == "");
  }
}

TEST_CASE("calls of the HTTP client tell of a lost byte, and of a reply that never comes") {
  simulation_options options{.clients = 10, .hours = 0.2, .client = user_kind::adapter};
  const outcome silent = run_broken<silent_calls>(options);
  CHECK(silent.violation != "");
  CHECK(silent == run_broken<silent_calls>(options));
  CHECK(run(options).violation == "");
  options.faults = sim::fault::short_writes;
  const outcome losing = run_broken<losing_calls>(options);
  CHECK(losing.violation != "");
  CHECK(losing == run_broken<losing_calls>(options));
  CHECK(run(options).violation == "");
}

TEST_CASE("connections are counted where the clients make them") {
  sim_flags wanted{.clients = 3, .hours = 0.1};
  CHECK(told(wanted).find(" connections, ") != std::string::npos);
  wanted.client = user_kind::adapter;
  CHECK(told(wanted).find("connect") == std::string::npos);
  CHECK(told(wanted).find(" replies to ") != std::string::npos);
}

TEST_CASE("what the command line asks for") {
  const auto flags = parse({"--clients", "7", "--hours", "0.5", "--seed", "9", "--seeds", "3",
                            "--faults", "reset,clock"})
                         .sim;
  REQUIRE(flags);
  CHECK(flags->clients == 7);
  CHECK(flags->hours == 0.5);
  CHECK(flags->seed == 9);
  CHECK(flags->seeds == 3);
  CHECK(flags->faults == (sim::fault::reset | sim::fault::clock));
  CHECK(parse({}).sim->faults.empty());
  CHECK(parse({}).sim->client == user_kind::raw);
  CHECK(parse({"--client", "adapter"}).sim->client == user_kind::adapter);
  CHECK(parse({"--client", "chat"}).sim->client == user_kind::chat);
  CHECK_THROWS_AS(parse({"--client", "browser"}), failure);
  CHECK_THROWS_AS(parse({"--faults", "reset,quake"}), failure);
  CHECK_THROWS_AS(parse({"--clients", "0"}), failure);
  CHECK_THROWS_AS(parse({"--hours", "soon"}), failure);
}
