#include "http_url.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace drywire;

TEST_CASE("an authority is in lower case, and without the port that its scheme means") {
  const auto authority_of = [](std::string_view text) {
    std::string authority;
    append_authority(http::parse_uri(text).value(), authority);
    return authority;
  };
  CHECK(authority_of("http://EXAMPLE.org:8080/a") == "example.org:8080");
  CHECK(authority_of("http://a:80/") == "a");
  CHECK(authority_of("https://a:80/") == "a:80");
  CHECK(authority_of("wss://[::A]:443/") == "[::a]");
}

TEST_CASE("a reference becomes a string") {
  CHECK(resolve_reference("http://a/b/c?d", "../e") == "http://a/e");
}
