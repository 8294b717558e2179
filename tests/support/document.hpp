// What a test of a document needs: its text, and how it writes sizes and times.
#pragma once

#include <drywire/base/instant.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace drywire::tests {

/// A page of docs/.
inline std::string document(const std::string& page) {
  std::ifstream in(DRYWIRE_SOURCE_DIR "/docs/" + page);
  REQUIRE(in);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

inline std::string kib(std::uint64_t bytes) {
  const bool large = bytes >= 1024 * 1024;
  return std::to_string(bytes / (large ? 1024 * 1024 : 1024)) + (large ? " MiB" : " KiB");
}

inline std::string in_seconds(duration d) {
  return std::to_string(d.nanoseconds / 1'000'000'000) + " s";
}

}  // namespace drywire::tests
