#include <drywire/loop/endpoint.hpp>

#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

using namespace drywire;

TEST_CASE("addresses are read in every form that they are written in") {
  for (const char* text :
       {"127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[::]:8080",
        "[2001:db8::7]:443", "[fe80::1%lo]:1", "unix:/run/x.sock", "unix:x:80", "unix:./@x",
        "unix:@name", "unix:@\\x00\\x0a\\x22", "unix:/a\\x20b\\x5cc"}) {
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
                                  "unix:"s,
                                  "unix:@"s,
                                  "unix:/a\\"s,
                                  "unix:/a\\x"s,
                                  "unix:/a\\x0"s,
                                  "unix:/a\\x0A"s,
                                  "unix:/a\\n"s,
                                  "unix:/a\\x00b"s,
                                  "unix:/a\0b"s,
                                  "unix:/" + std::string(107, 'a'),
                                  "unix:@" + std::string(108, 'a'),
                                  "unix:/" + std::string(100'000, 'a'),
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
  native.sin6_family = AF_APPLETALK;
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

TEST_CASE("names in the Unix domain") {
  const endpoint path = *endpoint::unix_path("/run/x.sock");
  CHECK(path.is_unix());
  CHECK_FALSE(path.is_abstract());
  CHECK_FALSE(path.is_v6());
  CHECK(path.unix_name() == "/run/x.sock");
  CHECK(path.native_size() == offsetof(sockaddr_un, sun_path) + 12);
  const endpoint abstract = *endpoint::unix_abstract("/run/x.sock");
  CHECK(abstract.is_unix());
  CHECK(abstract.is_abstract());
  CHECK(abstract.unix_name() == "/run/x.sock");
  CHECK(abstract != path);
  CHECK(abstract == endpoint::parse("unix:@/run/x.sock"));
  const endpoint unnamed = endpoint::unix_unnamed();
  CHECK(unnamed.is_unix());
  CHECK_FALSE(unnamed.is_abstract());
  CHECK(unnamed.unix_name().empty());
  CHECK(unnamed.to_string() == "unix:");
  CHECK(unnamed == endpoint::unix_unnamed());
  CHECK(unnamed != path);
  CHECK(unnamed != endpoint());
  CHECK(endpoint().unix_name().empty());
}

TEST_CASE("the Unix domain has no ports") {
  endpoint path = *endpoint::unix_path("/run/x.sock");
  path.set_port(80);
  CHECK(path.port() == 0);
  CHECK(path == endpoint::unix_path("/run/x.sock").operator*());
}

TEST_CASE("a name that is too long, or none, says so") {
  const std::string longest(107, 'a');
  CHECK(endpoint::unix_path(longest)->unix_name() == longest);
  CHECK(endpoint::unix_abstract(longest)->unix_name() == longest);
  CHECK(endpoint::unix_path(longest + 'a').error() == error(ENAMETOOLONG));
  CHECK(endpoint::unix_abstract(longest + 'a').error() == error(ENAMETOOLONG));
  CHECK(endpoint::unix_path("").error() == error(EINVAL));
  CHECK(endpoint::unix_path(std::string_view("/a\0b", 4)).error() == error(EINVAL));
  CHECK(endpoint::unix_abstract("").error() == error(EINVAL));
}

// As a system tells them of a peer: with the terminating NUL, without, with all of the room used.
TEST_CASE("native names in the Unix domain are copied both ways") {
  constexpr std::size_t path_at = offsetof(sockaddr_un, sun_path);
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  std::memcpy(native.sun_path, "/x", 2);
  const endpoint path = *endpoint::unix_path("/x");
  CHECK(endpoint::from_native(&native, path_at + 2) == path);
  CHECK(endpoint::from_native(&native, path_at + 3) == path);
  CHECK(endpoint::from_native(&native, sizeof(native)) == path);
  CHECK(endpoint::from_native(path.native(), path.native_size()) == path);
  CHECK(endpoint::from_native(&native, path_at) == endpoint::unix_unnamed());
  CHECK_FALSE(endpoint::from_native(&native, 1));

  struct {
    sockaddr_un address{};
    char behind[2] = {};
  } full;
  full.address.sun_family = AF_UNIX;
  std::memset(full.address.sun_path, 'p', sizeof(full.address.sun_path));
  const auto filled = endpoint::from_native(&full, sizeof(sockaddr_un) + 1);
  REQUIRE(filled);
  CHECK(filled->unix_name() == std::string(sizeof(full.address.sun_path), 'p'));
  CHECK(filled->native_size() == sizeof(sockaddr_un));
  CHECK_FALSE(endpoint::from_native(&full, sizeof(sockaddr_un) + 2));

  native.sun_path[0] = '\0';
  const auto abstract = endpoint::from_native(&native, path_at + 2);
  REQUIRE(abstract);
  CHECK(abstract->is_abstract());
  CHECK(abstract->unix_name() == "x");
}
