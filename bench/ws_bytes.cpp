// What each byte of a WebSocket message goes through, by each way that this processor has.
//
//   ws_bytes               masking and UTF-8 beside memcpy, as multiples of its time
//   ws_bytes WORK N SIZE   one of them N times, and nothing else, to count its instructions
#include "ways.hpp"

#include <drywire/websocket/masking.hpp>
#include <drywire/websocket/utf8.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace drywire;
using namespace drywire::websocket;

constexpr std::uint64_t key = 0x3d21fa373d21fa37;

struct text_kind {
  const char* name;
  std::string_view pattern;
};
constexpr text_kind kinds[] = {
    {"ASCII", "Plain words without any accent. "},
    {"mixed", "Zw\xc3\xb6lf Boxk\xc3\xa4mpfer jagen Viktor quer \xf0\x9f\x98\x80 "},
    {"CJK", "\xe6\xbc\xa2\xe5\xad\x97\xe4\xbb\xae\xe5\x90\x8d"},
};

// Whole characters, and ASCII behind them.
std::string text_of(std::string_view pattern, std::size_t n) {
  std::string text;
  while (text.size() + pattern.size() <= n) text += pattern;
  return text.append(n - text.size(), '.');
}

template <class Work>
double nanoseconds(std::size_t times, const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    work();
    asm volatile("" ::: "memory");
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(times);
}

// The least of many short rounds, in which the works take turns, for each of them.
template <class... Works>
std::vector<double> least(std::size_t n, const Works&... works) {
  std::vector<double> best(sizeof...(works), 1e12);
  const std::size_t times = std::max<std::size_t>(1, 200'000 / (n + 20));
  for (int round = 0; round < 200; ++round) {
    std::size_t i = 0;
    ((best[i] = std::min(best[i], nanoseconds(times, works)), ++i), ...);
  }
  return best;
}

void require(bool valid) {
  if (!valid) std::abort();
}

void print_row(const char* way, std::size_t n, ways::mask_function mask_by,
               ways::utf8_function utf8_by) {
  std::vector<std::byte> from(n), to(n);
  std::vector<std::string> texts;
  for (const text_kind& kind : kinds) texts.push_back(text_of(kind.pattern, n));
  const auto check = [&](std::size_t i) {
    return [&, i] { require(utf8_by(text_bytes(texts[i]).data(), n)); };
  };
  const auto times = least(
      n, [&] { std::memcpy(to.data(), from.data(), n); },
      [&] { mask_by(from.data(), from.data(), n, key); },
      [&] { mask_by(from.data(), to.data(), n, key); }, check(0), check(1), check(2));
  std::printf("%-6s %9zu %10.1f", way, n, times[0]);
  for (std::size_t i = 1; i < times.size(); ++i) std::printf(" %9.2f", times[i] / times[0]);
  std::printf("\n");
}

void print_table() {
  std::printf("%-6s %9s %10s %9s %9s %9s %9s %9s\n", "way", "bytes", "memcpy ns", "mask",
              "mask_copy", "ASCII", "mixed", "CJK");
  for (const std::size_t n : {16U, 125U, 1024U, 16384U, 1048576U}) {
    const auto masks = ways::masking();
    const auto checks = ways::utf8();
    for (std::size_t i = 0; i < masks.size(); ++i) {
      if (!masks[i].here() || !checks[i].here()) continue;
      print_row(std::string(checks[i].name).c_str(), n, masks[i].run, checks[i].run);
    }
  }
}

template <class Work>
int repeat(long times, const Work& work) {
  for (long i = 0; i < times; ++i) {
    work();
    asm volatile("" ::: "memory");
  }
  return 0;
}

int count(std::string_view work, long times, std::size_t n) {
  std::vector<std::byte> from(n), to(n);
  constexpr masking_key four{};
  if (work == "mask") return repeat(times, [&] { mask(from, four, 1); });
  if (work == "mask_copy") return repeat(times, [&] { mask_copy(from, to, four, 1); });
  for (const text_kind& kind : kinds) {
    if (work != kind.name) continue;
    const std::string text = text_of(kind.pattern, n);
    return repeat(times, [&] { require(is_utf8(text_bytes(text))); });
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4) return count(argv[1], std::atol(argv[2]), std::strtoul(argv[3], nullptr, 10));
  print_table();
}
