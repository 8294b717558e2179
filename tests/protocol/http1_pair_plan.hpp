// What two applications do in one exchange, drawn at random: both sides know it, so that each can
// tell whether it got what the other sent.
#pragma once

#include <drywire/testkit/random.hpp>

#include <cstdint>
#include <string>

namespace http1_test {

struct exchange_plan {
  enum class kind : std::uint8_t { get, head, put, upgrade, connect };

  kind what = kind::get;
  // The client's.
  bool streams_up = false;
  bool pauses_up = false;  // in the middle of a streamed body
  bool expects = false;
  bool holds_down = false;
  std::string up;
  // The server's.
  bool says_continue = false;  // itself, else the machine does
  bool refuses = false;        // the body that is expected, or the switch
  bool early = false;          // answers before it has the body
  bool holds_up = false;
  bool stalls = false;  // before it answers
  bool streams_down = false;
  bool pauses_down = false;
  bool trailers = false;
  unsigned informs = 0;
  unsigned status = 200;
  std::string down;

  [[nodiscard]] bool may_switch() const { return what == kind::upgrade || what == kind::connect; }
  [[nodiscard]] bool has_body() const {
    return what != kind::head && status != 204 && status != 304;
  }
};

inline std::string random_letters(drywire::testkit::random& numbers) {
  std::string all;
  for (std::size_t n = numbers.below(3) * numbers.below(200); n > 0; --n) {
    all += static_cast<char>('a' + numbers.below(26));
  }
  return all;
}

inline exchange_plan random_plan(drywire::testkit::random& numbers) {
  using kind = exchange_plan::kind;
  constexpr kind kinds[] = {kind::get, kind::get, kind::head, kind::put,     kind::put,
                            kind::put, kind::put, kind::put,  kind::upgrade, kind::connect};
  constexpr unsigned statuses[] = {200, 200, 204, 304, 404, 500};
  const auto once_in = [&](std::size_t n) { return numbers.below(n) == 0; };
  exchange_plan e;
  e.what = kinds[numbers.below(10)];
  e.streams_up = once_in(2);
  e.pauses_up = once_in(4);
  if (e.what == kind::put) e.up = random_letters(numbers);
  e.expects = once_in(3) && !e.up.empty();
  e.holds_down = once_in(8);
  e.says_continue = once_in(2);
  e.refuses = (e.expects || e.may_switch()) && once_in(2);
  e.early = once_in(8);
  e.holds_up = once_in(8);
  e.stalls = once_in(8);
  e.streams_down = once_in(2);
  e.pauses_down = once_in(6);
  e.trailers = once_in(2);
  if (once_in(4)) e.informs = static_cast<unsigned>(1 + numbers.below(3));
  e.status = e.refuses ? 417 : e.may_switch() ? 503 : statuses[numbers.below(6)];
  e.down = random_letters(numbers);
  if (!e.has_body()) e.down.clear();
  return e;
}

}  // namespace http1_test
