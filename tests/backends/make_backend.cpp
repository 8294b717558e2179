#include <drywire/backends/make_backend.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

namespace drywire {

TEST_CASE("every loop that is named can be made, and goes by that name") {
  REQUIRE_FALSE(backend_names().empty());
  for (const std::string_view name : backend_names()) {
    CAPTURE(name);
    error failure(1);
    const auto loop = make_backend(name, &failure);
    REQUIRE(loop);
    CHECK(failure == error());
    CHECK(loop->name() == name);
    CHECK(loop->run() == error());
  }
}

TEST_CASE("the native loop comes first, the others in the order of preference") {
  const std::vector<std::string_view> preference{"native", "asio", "uv"};
  std::vector<std::string_view> expected;
  std::ranges::copy_if(preference, std::back_inserter(expected), [](std::string_view name) {
    return std::ranges::find(backend_names(), name) != backend_names().end();
  });
  CHECK(backend_names().front() == "native");
  CHECK(std::ranges::equal(backend_names(), expected));
}

TEST_CASE("a name that nobody has is an error, with or without somebody who asks why") {
  for (const std::string_view name : {"", "Native", "native ", "epoll"}) {
    CAPTURE(name);
    error failure;
    CHECK(make_backend(name, &failure) == nullptr);
    CHECK(failure == std::errc::invalid_argument);
    CHECK(make_backend(name) == nullptr);
  }
}

}  // namespace drywire
