// Whether a page of some origin may open a WebSocket.
#include "handshake_fixture.hpp"

#include <array>
#include <vector>

namespace {

using namespace websocket_test;

bool allowed(std::string_view host, std::string_view origin_lines,
             std::span<const std::string_view> others = {}) {
  const asked a(
      request_text("Host: " + std::string(host) + "\r\n" + std::string(origin_lines), "Host"));
  return websocket::origin_allowed(a.head, others);
}

TEST_CASE("origin: who sends none isn't a browser") { CHECK(allowed("a.example", "")); }

TEST_CASE("origin: the host that was asked is allowed, with its port") {
  struct same {
    std::string_view host;
    std::string_view origin;
    bool yes;
  };
  for (const auto& [host, origin, yes] : std::vector<same>{
           {"a.example", "http://a.example", true},
           {"a.example", "https://a.example", true},
           {"A.Example", "http://a.eXample", true},
           {"a.example:80", "http://a.example", true},
           {"a.example:443", "https://a.example", true},
           {"a.example:", "http://a.example", true},
           {"a.example:8080", "http://a.example:8080", true},
           {"a.example:08080", "http://a.example:8080", true},
           {"[::1]:8080", "http://[::1]:8080", true},
           {"[::1]", "https://[::1]", true},
           {"127.0.0.1:1", "http://127.0.0.1:1", true},

           {"a.example", "http://b.example", false},
           {"a.example", "http://a.example.evil", false},
           {"a.example", "http://evil-a.example", false},
           {"a.example", "http://sub.a.example", false},
           {"a.example:8080", "http://a.example", false},
           {"a.example", "http://a.example:8080", false},
           {"a.example:443", "http://a.example", false},
           {"a.example:80", "https://a.example", false},
           {"[::1]", "http://[::2]", false},
           {"[::1]:80", "http://[::1]:8", false},
           {"a.example", "null", false},
           {"null", "null", false},
           {"a.example", "", false},
           {"a.example", "a.example", false},
           {"a.example", "//a.example", false},
           {"a.example", "http:a.example", false},
           {"a.example", "http://a.example/", false},
           {"a.example", "http://a.example?x", false},
           {"a.example", "http://a.example#x", false},
           {"a.example", "http://a.example@b.example", false},
           {"a.example", "http://b.example@a.example", false},
           {"a.example", "http://a.example http://b.example", false},
           {"a.example", "http://a.example, http://a.example", false},
           {"a.example", "file://a.example", false},
           {"a.example", "chrome-extension://a.example", false},
           {"a.example", "http://", false},
           {"a.example", "http://a.example:99999", false},
           {"", "http://", false},
       }) {
    CAPTURE(host, origin);
    CHECK(allowed(host, "Origin: " + std::string(origin) + "\r\n") == yes);
  }
}

TEST_CASE("origin: others are allowed by name") {
  const std::array<std::string_view, 2> others{"https://app.example", "null"};
  CHECK(allowed("a.example", "Origin: https://app.example\r\n", others));
  CHECK(allowed("a.example", "origin: HTTPS://APP.example\r\n", others));
  CHECK(allowed("a.example", "Origin: null\r\n", others));
  CHECK(allowed("a.example", "Origin: http://a.example\r\n", others));
  CHECK_FALSE(allowed("a.example", "Origin: http://app.example\r\n", others));
  CHECK_FALSE(allowed("a.example", "Origin: https://app.example:444\r\n", others));
  CHECK_FALSE(allowed("a.example", "Origin: https://app.example.evil\r\n", others));
}

TEST_CASE("origin: one that is repeated is none") {
  CHECK_FALSE(allowed("a.example", "Origin: http://a.example\r\nOrigin: http://a.example\r\n"));
}

TEST_CASE("origin: an absolute target's host counts, as everywhere") {
  const asked a(
      "GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n"
      "Origin: http://b.example\r\n\r\n");
  CHECK_FALSE(websocket::origin_allowed(a.head));
}

}  // namespace
