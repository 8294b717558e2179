#include <drywire/protocol/http_uri.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace drywire::http;

namespace {

uri_scheme scheme_of(std::string_view text) {
  const auto parsed = parse_uri(text);
  REQUIRE(parsed);
  return parsed->scheme;
}

}  // namespace

TEST_CASE("a URI in its parts") {
  auto parsed = parse_uri("hTTp://EXAMPLE.org:8080/a/b?c=d#e");
  REQUIRE(parsed);
  CHECK(parsed->scheme == uri_scheme::http);
  CHECK(parsed->host == "EXAMPLE.org");
  CHECK(parsed->port == 8080);
  CHECK(parsed->path == "/a/b");
  CHECK(parsed->query == "?c=d");

  parsed = parse_uri("ws://[::1]?x");
  REQUIRE(parsed);
  CHECK(parsed->scheme == uri_scheme::ws);
  CHECK(parsed->host == "[::1]");
  CHECK(parsed->port == 80);
  CHECK(parsed->path.empty());
  CHECK(parsed->query == "?x");
}

TEST_CASE("a URI's scheme, and the port that it means") {
  CHECK(scheme_of("https://a/") == uri_scheme::https);
  CHECK(scheme_of("WSS://a/") == uri_scheme::wss);
  CHECK(scheme_of("ftp://a@b/") == uri_scheme::other);
  CHECK(scheme_of("mailto:a") == uri_scheme::other);
  CHECK(parse_uri("http://a:/")->port == 80);
  CHECK(parse_uri("https://a")->port == 443);
  CHECK(parse_uri("ws://a:443")->port == 443);
  CHECK(parse_uri("wss://[1::2]:80")->port == 80);
  CHECK(parse_uri("wss://a:65535")->port == 65535);
}

TEST_CASE("what is no URI, or none that can be asked for", "[rfc6455-4.1b]") {
  for (const std::string_view text : {"",
                                      "//a/",
                                      "/",
                                      "1http://a/",
                                      "http:",
                                      "http:/a",
                                      "http:///a",
                                      "http://?a",
                                      "http://:80/",
                                      "http://a:0/",
                                      "http://a:65536/",
                                      "http://a:8o/",
                                      "http://[::1/",
                                      "http://[::1]a/",
                                      "http://[]/",
                                      "http://a%2/",
                                      "http://a\"b/",
                                      "http://me@a/",
                                      "https://me:secret@a/",
                                      "http://a\x7f/",
                                      "http://a/\r\nb",
                                      "http://a/ b",
                                      "ws://a b/"}) {
    INFO(text);
    CHECK_FALSE(parse_uri(text));
  }
}

TEST_CASE("a WebSocket's URI has no fragment", "[rfc6455-3a]") {
  CHECK(parse_uri("ws://a/b?c"));
  CHECK_FALSE(parse_uri("ws://a/b#c"));
  CHECK_FALSE(parse_uri("wss://a/#"));
}

// The examples of RFC 3986 5.4. Fragments are never sent, so they are gone.
TEST_CASE("references are resolved, RFC 3986 5.4") {
  constexpr std::string_view base = "http://a/b/c/d;p?q";
  struct row {
    std::string_view reference;
    std::string_view url;
  };
  for (const row& r : {row{"g:h", "g:h"},
                       row{"g", "http://a/b/c/g"},
                       row{"./g", "http://a/b/c/g"},
                       row{"g/", "http://a/b/c/g/"},
                       row{"/g", "http://a/g"},
                       row{"//g", "http://g"},
                       row{"?y", "http://a/b/c/d;p?y"},
                       row{"g?y", "http://a/b/c/g?y"},
                       row{"#s", "http://a/b/c/d;p?q"},
                       row{"g#s", "http://a/b/c/g"},
                       row{"g?y#s", "http://a/b/c/g?y"},
                       row{";x", "http://a/b/c/;x"},
                       row{"g;x", "http://a/b/c/g;x"},
                       row{"g;x?y#s", "http://a/b/c/g;x?y"},
                       row{"", "http://a/b/c/d;p?q"},
                       row{".", "http://a/b/c/"},
                       row{"./", "http://a/b/c/"},
                       row{"..", "http://a/b/"},
                       row{"../", "http://a/b/"},
                       row{"../g", "http://a/b/g"},
                       row{"../..", "http://a/"},
                       row{"../../", "http://a/"},
                       row{"../../g", "http://a/g"},
                       row{"../../../g", "http://a/g"},
                       row{"../../../../g", "http://a/g"},
                       row{"/./g", "http://a/g"},
                       row{"/../g", "http://a/g"},
                       row{"g.", "http://a/b/c/g."},
                       row{".g", "http://a/b/c/.g"},
                       row{"g..", "http://a/b/c/g.."},
                       row{"..g", "http://a/b/c/..g"},
                       row{"./../g", "http://a/b/g"},
                       row{"./g/.", "http://a/b/c/g/"},
                       row{"g/./h", "http://a/b/c/g/h"},
                       row{"g/../h", "http://a/b/c/h"},
                       row{"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                       row{"g;x=1/../y", "http://a/b/c/y"},
                       row{"g?y/./x", "http://a/b/c/g?y/./x"},
                       row{"g?y/../x", "http://a/b/c/g?y/../x"},
                       row{"http://x/a/../b", "http://x/b"}}) {
    INFO(r.reference);
    std::string into(resolved_bytes_max(base, r.reference), '\0');
    CHECK(resolve_reference(base, r.reference, into) == r.url);
  }
}

TEST_CASE("a reference to a base without a path") {
  char into[32];
  CHECK(resolve_reference("ws://a", "b", into) == "ws://a/b");
  CHECK(resolve_reference("ws://a?q", "..", into) == "ws://a/");
  CHECK(resolve_reference("ws://a?q", "", into) == "ws://a?q");
  CHECK(resolve_reference("ws://a", "//b/../c/.", into) == "ws://b/c/");
}
