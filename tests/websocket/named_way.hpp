// The ways to mask and to check UTF-8, by name, for tests that hold each to the naive one.
#pragma once

#include "ways.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <span>
#include <string_view>

namespace drywire::websocket::ways {

/// Skips the test if this machine has no such way.
template <class Function>
Function named(std::span<const way<Function>> all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &way<Function>::name);
  if (found == all.end()) SKIP(name << ": not of this architecture");
  if (!found->here()) SKIP(name << ": this processor lacks it");
  return found->run;
}

}  // namespace drywire::websocket::ways
