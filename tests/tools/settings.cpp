#include "settings.hpp"

#include "config_file.hpp"
#include "failure.hpp"
#include "limit_names.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include <string_view>
#include <tuple>

namespace {

using namespace drywire;
using namespace drywire::tools;
using Catch::Matchers::Message;

constexpr std::string_view loops[] = {"native", "asio", "uv"};

wishes loop_from(const char* value, const char* where) {
  wishes w;
  w.loop = said{value, where};
  return w;
}

settings resolve(const wishes& flags, const wishes& environment, const wishes& file) {
  return resolve_settings(flags, environment, file, loops);
}

TEST_CASE("the defaults") {
  const settings s = resolve({}, {}, {});
  CHECK(s.loop == "native");
  REQUIRE(s.listen.size() == 1);
  CHECK(s.listen[0] == endpoint::loopback_v4(8080));
  CHECK(s.site.root == ".");
  CHECK(s.threads == 1);
  CHECK_FALSE(s.drain_timeout);
  CHECK_FALSE(s.site.lists_folders);
  CHECK_FALSE(s.site.gives_gzipped);
  CHECK(s.site.metrics == "");
  CHECK_FALSE(s.log);
}

TEST_CASE("a flag goes before the environment, that before the file, that before the default") {
  const wishes flag = loop_from("native", "--loop");
  const wishes environment = loop_from("asio", "DRYWIRE_LOOP");
  const wishes file = loop_from("uv", "f:1: loop");
  CHECK(resolve(flag, environment, file).loop == "native");
  CHECK(resolve({}, environment, file).loop == "asio");
  CHECK(resolve({}, {}, file).loop == "uv");
}

TEST_CASE("an empty DRYWIRE_LOOP says nothing") {
  CHECK_FALSE(read_environment(nullptr).loop);
  CHECK_FALSE(read_environment("").loop);
  CHECK(read_environment("uv").loop->value == "uv");
}

TEST_CASE("a list of addresses replaces the weaker one") {
  wishes flags, file;
  flags.listen = {{"127.0.0.1:1", "--listen"}};
  file.listen = {{"[::1]:2", "f:1: listen"}, {":3", "f:1: listen"}};
  CHECK(resolve(flags, {}, file).listen.size() == 1);
  CHECK(resolve({}, {}, file).listen.size() == 2);
}

TEST_CASE("the other values of a flag go before those of the file") {
  wishes flags, file;
  flags.root = said{"a", "--root"};
  file.root = said{"b", "f:1: root"};
  flags.log = true;
  file.log = false;
  CHECK(resolve(flags, {}, file).site.root == "a");
  CHECK(resolve({}, {}, file).site.root == "b");
  CHECK(resolve(flags, {}, file).log);
}

TEST_CASE("limits are set one by one, the strongest last") {
  wishes flags, file;
  file.limits = {{"fields", "7", "f"}, {"head-timeout", "3s", "f"}};
  flags.limits = {{"fields", "9", "--limit"}};
  const settings s = resolve(flags, {}, file);
  CHECK(s.server.limits.fields_max == 9);
  CHECK(s.server.limits.head_timeout == seconds(3));
}

TEST_CASE("an unknown loop is refused with those that there are, and where it was said") {
  CHECK_THROWS_MATCHES(resolve({}, loop_from("nope", "DRYWIRE_LOOP"), {}), failure,
                       Message("DRYWIRE_LOOP: no loop 'nope' in this build (native, asio, uv)"));
}

TEST_CASE("what isn't an address is refused") {
  wishes flags;
  flags.listen = {{"localhost", "--listen"}};
  CHECK_THROWS_MATCHES(resolve(flags, {}, {}), failure,
                       Message("--listen: 'localhost' is no address such as 127.0.0.1:8080, "
                               "[::1]:8080, :8080, 8080 or unix:/run/x.sock"));
}

wishes wish(std::optional<said> wishes::*what, const char* value) {
  wishes w;
  w.*what = said{value, "--flag"};
  return w;
}

TEST_CASE("a format of the log asks for the log") {
  CHECK(resolve(wish(&wishes::log_format, "common"), {}, {}).format == log_format::common);
  CHECK(resolve(wish(&wishes::log_format, "plain"), {}, {}).log);
  wishes without = wish(&wishes::log_format, "plain");
  without.log = false;
  CHECK_FALSE(resolve({}, {}, without).log);
}

TEST_CASE("values that are none are refused") {
  const auto refused = [](std::optional<said> wishes::*what, const char* value,
                          const char* message) {
    CHECK_THROWS_MATCHES(resolve(wish(what, value), {}, {}), failure, Message(message));
  };
  refused(&wishes::log_format, "json", "--flag: 'json' is not plain, common or combined");
  refused(&wishes::threads, "0", "--flag: '0' is not a number from 1 to 256");
  refused(&wishes::threads, "257", "--flag: '257' is not a number from 1 to 256");
  refused(&wishes::threads, "2x", "--flag: '2x' is not a number from 1 to 256");
  refused(&wishes::metrics, "m", "--flag: 'm' is not a path such as /metrics");
  refused(&wishes::drain_timeout, "5", "--flag: '5' is not a time such as 500ms, 10s or 2m");
}

// Limits.

http_server_options with(const char* name, const char* value) {
  http_server_options o;
  site_options site;
  set_limit(o, site, name, value, "--limit");
  return o;
}

// Each member has a name: whoever adds one has to say here how many there are now.
TEST_CASE("every limit has a name") {
  const http1::limits limits;
  const auto& [l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15, l16] = limits;
  static_cast<void>(
      std::tie(l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15, l16));
  CHECK(count_named_members().of_connection == 16);
  // Of a server's own members four are no limits, and two are sets of them.
  const http_server_options options;
  const auto& [connection, s1, s2, memory, fixed_unix_seconds, trace, counters] = options;
  static_cast<void>(std::tie(connection, s1, s2, fixed_unix_seconds, trace, counters));
  CHECK(count_named_members().of_server == 2);
  // Of a site's four are no limits, and one is a set of them.
  const site_options site;
  const auto& [root, lists, gzipped, metrics, t1, t2, websockets, t3, t4, t5] = site;
  static_cast<void>(std::tie(root, lists, gzipped, metrics, t1, t2, websockets, t3, t4, t5));
  CHECK(count_named_members().of_site == 5);
  const auto& [m1, m2, m3] = memory;
  static_cast<void>(std::tie(m1, m2, m3));
  CHECK(count_named_members().of_websocket_memory == 3);
  const websocket::limits of_websocket;
  const auto& [w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13] = of_websocket;
  static_cast<void>(std::tie(w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13));
  CHECK(count_named_members().of_websocket == 13);
}

TEST_CASE("a site has limits, too") {
  http_server_options o;
  site_options site;
  set_limit(o, site, "ranges", "3", "--limit");
  set_limit(o, site, "listing-entries", "7", "--limit");
  CHECK(site.ranges_max == 3);
  CHECK(site.listing_entries_max == 7);
}

TEST_CASE("a client's limits are set by name, and may be off") {
  http_client_options o;
  const auto set = [&o](const char* name, const char* value) {
    set_client_limit(o, name, value, "--limit");
  };
  set("body-bytes", "3KiB");
  set("response-timeout", "250ms");
  set("decoded-ratio", "7");
  set("fields", "off");
  CHECK(o.limits.body_bytes_max == 3072);
  CHECK(o.limits.response_timeout == milliseconds(250));
  CHECK(o.decoded_ratio_max == 7);
  CHECK(o.limits.fields_max == UINT32_MAX);
  set("body-bytes", "off");
  set("response-timeout", "off");
  CHECK(o.limits.body_bytes_max == UINT64_MAX);
  CHECK(o.limits.response_timeout == duration::max());
  CHECK_THROWS_AS(set("linger-bytes", "1"), failure);
  CHECK_THROWS_AS(set("fields", "many"), failure);
}

TEST_CASE("limits have units") {
  CHECK(with("head-bytes", "8KiB").limits.head_bytes_max == 8192);
  CHECK(with("body-bytes", "3GiB").limits.body_bytes_max == 3ULL << 30);
  CHECK(with("idle-timeout", "250ms").limits.idle_timeout == milliseconds(250));
  CHECK(with("idle-timeout", "2m").limits.idle_timeout == seconds(120));
  CHECK(with("connections", "5").connections_max == 5);
}

TEST_CASE("a limit that isn't one, and values of another kind, are refused") {
  CHECK_THROWS_AS(with("nonsense", "1"), failure);
  CHECK_THROWS_AS(with("fields", "1KiB"), failure);
  CHECK_THROWS_AS(with("fields", "-1"), failure);
  CHECK_THROWS_AS(with("fields", ""), failure);
  CHECK_THROWS_AS(with("head-bytes", "5GiB"), failure);
  CHECK_THROWS_AS(with("body-bytes", "18446744073709551615KiB"), failure);
  CHECK_THROWS_MATCHES(
      with("idle-timeout", "5"), failure,
      Message("--limit: idle-timeout is '5', not a time such as 500ms, 10s or 2m"));
}

// The configuration file.

TEST_CASE("a configuration file says all that flags say") {
  const wishes w = parse_config(R"(
loop = "uv"
listen = ["127.0.0.1:1", "[::1]:2"]
root = "site"
list = true
gzip-static = true
threads = 2
log-format = "combined"
metrics = "/m"
drain-timeout = "30s"
log = true
[limits]
fields = 50
head-timeout = "3s"
)",
                                "f.toml");
  const settings s = resolve({}, {}, w);
  CHECK(s.loop == "uv");
  CHECK(s.listen.size() == 2);
  CHECK(s.site.root == "site");
  CHECK(s.site.lists_folders);
  CHECK(s.site.gives_gzipped);
  CHECK(s.site.metrics == "/m");
  CHECK(s.threads == 2);
  CHECK(s.format == log_format::combined);
  CHECK(s.drain_timeout == seconds(30));
  CHECK(s.log);
  CHECK(s.server.limits.fields_max == 50);
  CHECK(s.server.limits.head_timeout == seconds(3));
}

TEST_CASE("one address needs no array") {
  CHECK(parse_config(R"(listen = ":1")", "f.toml").listen.size() == 1);
}

void check_refused(const char* text, const char* message) {
  CAPTURE(text);
  CHECK_THROWS_MATCHES(parse_config(text, "f.toml"), failure, Message(message));
}

TEST_CASE("what is wrong in a configuration file is told with file, line and key") {
  check_refused("\n\nlop = 'uv'",
                "f.toml:3: lop: unknown key (loop, listen, root, list, gzip-static, threads, log, "
                "log-format, metrics, drain-timeout, compression, allow-origin, limits)");
  check_refused("\nloop = 3", "f.toml:2: loop: is of type integer, not a string");
  check_refused("log = 'yes'", "f.toml:1: log: is of type string, not true or false");
  check_refused("root = ['a']", "f.toml:1: root: is of type array, not a string");
  check_refused("listen = 80",
                "f.toml:1: listen: is of type integer, not a string or an array of "
                "strings");
  check_refused("listen = ['1',\n80]", "f.toml:2: listen: is of type integer, not a string");
  check_refused("threads = '2'", "f.toml:1: threads: is of type string, not a number");
  check_refused("limits = 3", "f.toml:1: limits: is of type integer, not a table");
  check_refused("[limits]\nfields = true",
                "f.toml:2: limits.fields: is of type boolean, not a number or a string");
}

TEST_CASE("a bad value in a configuration file is told with its place, too") {
  const wishes w = parse_config("\nloop = 'nope'\n[limits]\nno-such = 1", "f.toml");
  CHECK_THROWS_MATCHES(resolve({}, {}, w), failure,
                       Message("f.toml:2: loop: no loop 'nope' in this build (native, asio, uv)"));
  wishes limits = w;
  limits.loop.reset();
  try {
    static_cast<void>(resolve({}, {}, limits));
    FAIL("no failure");
  } catch (const failure& e) {
    CHECK(std::string_view(e.what()).starts_with("f.toml:4: limits.no-such: no limit 'no-such'"));
  }
}

TEST_CASE("what isn't TOML is told with its line") {
  try {
    static_cast<void>(parse_config("log = true\n= =", "f.toml"));
    FAIL("no failure");
  } catch (const failure& e) {
    CHECK(std::string_view(e.what()).starts_with("f.toml:2: "));
    CHECK(std::string_view(e.what()).find('\n') == std::string_view::npos);
  }
}

TEST_CASE("a configuration file that can't be read is told") {
  CHECK_THROWS_MATCHES(read_config("/no/such/file"), failure,
                       Message("/no/such/file: can't read it: No such file or directory"));
}

}  // namespace
