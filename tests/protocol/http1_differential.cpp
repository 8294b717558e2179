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
    differences.try_emplace(key, testkit::in_quotes(wire) + '\n' + v.difference);
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

// Calls `use(broken, at)` with the line that has one byte more, fewer or another, from `first` on.
template <class Use>
void break_once(const std::string& line, std::size_t first, std::string_view bytes,
                const Use& use) {
  for (std::size_t at = first; at < line.size(); ++at) {
    use(std::string(line).erase(at, 1), at);
    for (const char c : bytes) {
      use(std::string(line).insert(at, 1, c), at);
      if (line[at] != c) use(std::string(line).replace(at, 1, 1, c), at);
    }
  }
}

// Once more behind that, by half a line end.
template <class Use>
void break_twice(const std::string& line, const Use& use) {
  break_once(line, 0, "\r\n .2x", [&](const std::string& broken, std::size_t first) {
    break_once(broken, first, "\r\n", [&](const std::string& wire, std::size_t) { use(wire); });
  });
}

}  // namespace

TEST_CASE("a naive parser agrees on a start line with two bytes wrong, however it comes") {
  tally all;
  break_twice("GET / HTTP/1.1\r\n", [&](const std::string& wire) {
    all.add(wire, naive::compare_requests(wire, {}, true));
  });
  break_twice("HTTP/1.1 200 O\r\n", [&](const std::string& wire) {
    all.add(wire, naive::compare_responses(wire, {"GET"}, {}, true));
  });
  INFO(all.text());
  CHECK(all.differences.empty());
}

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
