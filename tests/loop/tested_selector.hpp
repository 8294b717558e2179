// The cases of poll.cpp, poll_threads.cpp and waker.cpp run over every selector: a program for
// each, with the same cases, and an over_<selector>.cpp that says which one it is.
#pragma once

#include <drywire/loop/poll.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drywire::test {

[[nodiscard]] selector_kind tested_selector();

/// The one of this build with that name.
inline selector_kind built_in_selector(std::string_view name) {
  for (const selector_kind& kind : selectors()) {
    if (kind.name == name) return kind;
  }
  FAIL("no selector " << name);
  return {};
}

/// What the selector can't do, by poll.hpp's "Not promised".
inline void skip_over(std::string_view selector, const char* reason) {
  if (tested_selector().name == selector) SKIP(reason);
}

inline poll open_poll() {
  auto opened = poll::open(tested_selector());
  REQUIRE(opened);
  return std::move(*opened);
}

/// The list with the two entries that kqueue may have for one descriptor put together.
inline std::vector<readiness> by_name(const readiness_list& list) {
  std::vector<readiness> joined;
  const auto flags_of = [](const readiness& r) {
    return (r.readable() ? readiness::is_readable : 0U) |
           (r.writable() ? readiness::is_writable : 0U) |
           (r.read_closed() ? readiness::is_read_closed : 0U) |
           (r.write_closed() ? readiness::is_write_closed : 0U) |
           (r.error() ? readiness::is_error : 0U);
  };
  for (const readiness& r : list) {
    std::uint32_t flags = flags_of(r);
    std::erase_if(joined, [&](const readiness& other) {
      if (other.name() != r.name()) return false;
      flags |= flags_of(other);
      return true;
    });
    joined.emplace_back(r.name(), flags);
  }
  return joined;
}

/// What is ready now, without waiting.
inline std::vector<readiness> ready_now(poll& p) {
  readiness_list list;
  REQUIRE_FALSE(p.wait(list, duration()));
  return by_name(list);
}

}  // namespace drywire::test
