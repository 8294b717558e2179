// A machine of either role and its driver in one hand: bytes in as text, events out as text.
#pragma once

#include "../support/all_output.hpp"

#include <drywire/base/instant.hpp>
#include <drywire/base/protocol.hpp>
#include <drywire/protocol/http1_exchange.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http1_test {

using namespace drywire;
using lines = std::vector<std::string>;

inline constexpr std::int64_t start_unix_seconds = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT

inline std::string with_fields(std::string all, std::span<const http1::field> fields) {
  for (const http1::field& f : fields) {
    all += ' ' + std::string(f.name) + '=' + std::string(f.value);
  }
  return all;
}

/// Fixture is what derives from it, and has `std::string brief(const Machine::event&)`: one word,
/// and what matters of the event.
template <class Fixture, class Machine>
struct driver {
  template <class Limits>
  driver(std::size_t block, const Limits& l) : memory(block), machine(memory, l) {}

  /// Offers what was kept and `bytes`; the events in short.
  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    lent = kept;
    lines told;
    auto cursor = machine.receive(std::as_writable_bytes(std::span(lent)));
    while (const auto event = cursor.next()) {
      told.push_back(static_cast<Fixture*>(this)->brief(*event));
      if (react) react(*event);
    }
    kept.assign(as_text(cursor.remaining()));
    CHECK(cursor.consumed() + kept.size() == lent.size());
    REQUIRE(machine.retain_output() == errc::ok);
    std::fill(lent.begin(), lent.end(), '\xDD');
    return told;
  }

  lines eof(bool clean = true) {
    machine.receive_eof(clean);
    return receive();
  }

  /// `milliseconds` after the zero of the clock.
  lines at(std::int64_t ms) {
    machine.advance({instant{} + milliseconds(ms), start_unix_seconds + ms / 1000});
    return receive();
  }

  /// All output; "|" stands for the fin.
  std::string output(std::size_t portion = 1000) { return tests::all_output(machine, portion); }

  /// The first n bytes of the output leave.
  void consume(std::size_t n) {
    REQUIRE(machine.output(n).size() >= n);
    machine.consume_output(n);
  }

  testkit::heap_storage memory;
  Machine machine;
  std::function<void(const typename Machine::event&)> react;
  std::string kept;
  std::string lent;
};

/// Gives numbers of bytes as it was told to, all of them 'x'.
struct scripted_source final : http1::body_source {
  using enum state;
  struct turn {
    std::size_t size;
    state then;
  };
  explicit scripted_source(std::vector<turn> t) : turns(std::move(t)) {}

  result pull(mutable_bytes to) noexcept override {
    ++pulls;
    if (at == turns.size()) return {0, end};
    turn& t = turns[at];
    const std::size_t size = std::min(t.size, to.size());
    std::fill_n(to.begin(), size, std::byte{'x'});
    t.size -= size;
    if (t.size > 0) return {size, more};
    ++at;
    return {size, t.then};
  }

  std::vector<turn> turns;
  std::size_t at = 0;
  std::size_t pulls = 0;
};

}  // namespace http1_test
