// Two readers of HTTP/1.1, ours and a naive one, agree on whatever comes: on the tables of inputs,
// and on messages at random.
#include "http1_client_inputs_table.hpp"
#include "http1_inputs_table.hpp"
#include "http1_random_messages.hpp"

#include <catch2/catch_test_macros.hpp>
#include <compare.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace drywire;

namespace {

constexpr std::uint64_t seeds = 30'000;

// What happened over many comparisons.
class tally {
 public:
  void add(std::string_view wire, const naive::verdict& v) {
    events += v.events;
    refused += v.refused ? 1 : 0;
    inexact += v.exact ? 0 : 1;
    if (v.difference.empty()) return;
    // Of a kind: by the last that ours told.
    const std::string ours = v.difference.substr(0, v.difference.find("naive:"));
    const std::string key = ours.substr(ours.rfind('\n', ours.size() - 2) + 1);
    differences.try_emplace(key, testkit::quoted(wire) + '\n' + v.difference);
  }

  std::string text() const {
    std::string all;
    for (const auto& [key, text] : differences) all += text + '\n';
    return all;
  }

  std::size_t events = 0;
  std::size_t refused = 0;
  std::size_t inexact = 0;
  std::map<std::string, std::string> differences;  // one of a kind
};

std::vector<std::string> requests_of(std::string_view asked) {
  std::vector<std::string> all{std::string(asked.substr(0, asked.find('+')))};
  all.resize(1 + static_cast<std::size_t>(std::ranges::count(asked, '+')), "GET");
  return all;
}

}  // namespace

TEST_CASE("a naive parser agrees on the tables") {
  tally all;
  for (const auto& i : http1_test::inputs()) {
    all.add(i.bytes, naive::compare_requests(i.bytes, {}, true));
  }
  for (const auto& i : http1_client_test::inputs()) {
    all.add(i.bytes, naive::compare_responses(i.bytes, requests_of(i.asked), {}, true));
  }
  INFO(all.text());
  CHECK(all.differences.empty());
}

TEST_CASE("a naive parser agrees on requests at random") {
  tally all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    http1_test::random_messages random(seed);
    const std::string wire = random.requests();
    const auto limits = random.below(2) == 0 ? http1::limits() : naive::low_limits();
    all.add(wire, naive::compare_requests(wire, limits, random.below(4) != 0));
  }
  INFO("seeds 1 to " << seeds << "\n" << all.text());
  CHECK(all.differences.empty());
  CHECK(all.events > seeds);
  CHECK(all.refused > seeds / 10);
  // Those with several names for it don't prove much.
  CHECK(all.inexact < all.refused / 3);
}

TEST_CASE("a naive parser agrees on responses at random") {
  tally all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    http1_test::random_messages random(seed);
    const std::string wire = random.responses();
    const auto limits = random.below(2) == 0 ? http1::client_limits() : naive::low_client_limits();
    std::vector<std::string> requests;
    for (std::size_t n = random.below(4); n > 0; --n) {
      static const std::string all_requests[] = {"GET", "GET", "GET", "HEAD", "UPGRADE", "CONNECT"};
      requests.push_back(all_requests[random.below(6)]);
    }
    all.add(wire, naive::compare_responses(wire, requests, limits, random.below(4) != 0));
  }
  INFO("seeds 1 to " << seeds << "\n" << all.text());
  CHECK(all.differences.empty());
  CHECK(all.events > seeds);
  CHECK(all.refused > seeds / 10);
  // Those with several names for it don't prove much.
  CHECK(all.inexact < all.refused / 3);
}
