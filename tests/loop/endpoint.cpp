#include <drywire/loop/endpoint.hpp>

#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>

#include <string>

using namespace drywire;

TEST_CASE("addresses are read in every form that they are written in") {
  for (const char* text : {"127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80",
                           "[::]:8080", "[2001:db8::7]:443", "[fe80::1%lo]:1"}) {
    INFO(text);
    const auto parsed = endpoint::parse(text);
    REQUIRE(parsed);
    CHECK(parsed->to_string() == text);
    CHECK(endpoint::parse(parsed->to_string()) == parsed);
  }
}

TEST_CASE("short forms mean any address, or the loopback") {
  CHECK(endpoint::parse(":8080").value().to_string() == "[::]:8080");
  CHECK(endpoint::parse("8080").value() == endpoint::loopback_v4(8080));
  CHECK(endpoint::parse("[::1]:7").value() == endpoint::loopback_v6(7));
  CHECK(endpoint().to_string() == "0.0.0.0:0");
}

TEST_CASE("an interface may be a number that none has") {
  CHECK(endpoint::parse("[fe80::1%1]:80").value() == endpoint::parse("[fe80::1%lo]:80").value());
  CHECK(endpoint::parse("[fe80::1%4711]:80").value().to_string() == "[fe80::1%4711]:80");
}

TEST_CASE("what isn't an address gives none") {
  using namespace std::string_literals;
  for (const std::string& text : {""s,
                                  ":"s,
                                  "127.0.0.1"s,
                                  "127.0.0.1:"s,
                                  "127.0.0.1:65536"s,
                                  "127.0.0.1:-1"s,
                                  "127.0.0.1:80 "s,
                                  "127.0.0.1:+80"s,
                                  "127.0.0.1:0x50"s,
                                  "127.0.1:80"s,
                                  "256.0.0.1:80"s,
                                  "localhost:80"s,
                                  "::1:80"s,
                                  "[::1]"s,
                                  "[::1]80"s,
                                  "[::1:80"s,
                                  "::1]:80"s,
                                  "[]:80"s,
                                  "[127.0.0.1]:80"s,
                                  "[::1%]:80"s,
                                  "[::1%no-such-interface]:80"s,
                                  "[:::]:80"s,
                                  "-1"s,
                                  "99999"s,
                                  "8o80"s,
                                  "127.0.0.1\0:80"s,
                                  "1.2.3.4.5:80"s,
                                  std::string(300, '1') + ":80"}) {
    INFO(text);
    CHECK_FALSE(endpoint::parse(text));
  }
}

TEST_CASE("native addresses are copied both ways") {
  sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(4242);
  native.sin6_addr = in6addr_loopback;
  const auto copy = endpoint::from_native(&native, sizeof(native));
  REQUIRE(copy);
  CHECK(copy->is_v6());
  CHECK(copy->port() == 4242);
  CHECK(copy->native_size() == sizeof(sockaddr_in6));
  CHECK(*copy == endpoint::loopback_v6(4242));
  CHECK(endpoint().native_size() == sizeof(sockaddr_in));
  CHECK_FALSE(endpoint::from_native(&native, sizeof(sockaddr_in)));
  native.sin6_family = AF_UNIX;
  CHECK_FALSE(endpoint::from_native(&native, sizeof(native)));
  CHECK_FALSE(endpoint::from_native(&native, 0));
}

TEST_CASE("endpoints are equal by family, address, scope and port") {
  endpoint a = endpoint::loopback_v4(80);
  CHECK(a == endpoint::loopback_v4(80));
  CHECK(a != endpoint::loopback_v6(80));
  CHECK(a != endpoint::parse("127.0.0.2:80"));
  a.set_port(81);
  CHECK(a != endpoint::loopback_v4(80));
  CHECK(a == endpoint::loopback_v4(81));
  CHECK(endpoint::parse("[fe80::1%1]:80") != endpoint::parse("[fe80::1%2]:80"));
}
