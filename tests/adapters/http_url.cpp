#include "http_url.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace drywire;

TEST_CASE("a URL in its parts") {
  http_url url;
  CHECK(parse_url("hTTp://EXAMPLE.org:8080/a/b?c=d#e", url) == url_kind::http);
  CHECK(url.host == "EXAMPLE.org");
  CHECK(url.port == 8080);
  CHECK(url.path == "/a/b");
  CHECK(url.query == "?c=d");
  std::string authority;
  append_authority(url, authority);
  CHECK(authority == "example.org:8080");

  CHECK(parse_url("http://[::1]?x", url) == url_kind::http);
  CHECK(url.host == "[::1]");
  CHECK(url.port == 80);
  CHECK(url.path.empty());
  CHECK(url.query == "?x");
  CHECK(parse_url("http://a:/", url) == url_kind::http);
  CHECK(url.port == 80);
  CHECK(parse_url("https://a/", url) == url_kind::https);
  CHECK(parse_url("ftp://a/", url) == url_kind::other);
  CHECK(parse_url("mailto:a", url) == url_kind::other);
  CHECK(parse_url("//a/", url) == url_kind::invalid);
  CHECK(parse_url("1http://a/", url) == url_kind::invalid);
  CHECK(parse_url("http://a\x7f/", url) == url_kind::invalid);
  CHECK(parse_url("http://a/\r\nb", url) == url_kind::invalid);
}

// The examples of RFC 3986 5.4. Fragments are never sent, so they are gone.
TEST_CASE("references are resolved, RFC 3986 5.4") {
  const auto resolved = [](std::string_view reference) {
    return resolve_reference("http://a/b/c/d;p?q", reference);
  };
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
    CHECK(resolved(r.reference) == r.url);
  }
}
