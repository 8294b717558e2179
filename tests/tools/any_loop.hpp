// Which loop a test of the command is about.
#pragma once

#include <drywire/backends/make_backend.hpp>

#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <string>
#include <vector>

namespace drywire::traffic {

/// The test runs once for each loop that the build has.
inline std::string any_loop() {
  const auto names = backend_names();
  return GENERATE_COPY(
      Catch::Generators::from_range(std::vector<std::string>(names.begin(), names.end())));
}

}  // namespace drywire::traffic
