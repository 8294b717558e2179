#include <drywire/protocol/http_ranges.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

namespace {

using namespace drywire::http;
using kind = range_selection::kind;
using ranges = std::vector<byte_range>;

constexpr std::size_t asked_max = 4;

range_selection select(const std::string& value, std::uint64_t size, ranges& into) {
  into.assign(asked_max, byte_range{});
  const range_selection got = parse_ranges(value, size, into);
  into.resize(got.count);
  return got;
}

ranges partial(const std::string& value, std::uint64_t size) {
  ranges into;
  CHECK(select(value, size, into).what == kind::partial);
  return into;
}

kind kind_of(const std::string& value, std::uint64_t size) {
  ranges into;
  return select(value, size, into).what;
}

TEST_CASE("one range, RFC 9110 14.1.2") {
  CHECK(partial("bytes=0-499", 10000) == ranges{{0, 499}});
  CHECK(partial("bytes=500-999", 10000) == ranges{{500, 999}});
  CHECK(partial("bytes=-500", 10000) == ranges{{9500, 9999}});
  CHECK(partial("bytes=9500-", 10000) == ranges{{9500, 9999}});
  CHECK(partial("bytes=0-0", 10000) == ranges{{0, 0}});
  CHECK(partial("bytes=0-", 1) == ranges{{0, 0}});
  CHECK(partial("BYTES=1-2", 10) == ranges{{1, 2}});
}

TEST_CASE("a range ends at the end") {
  CHECK(partial("bytes=5-10", 10) == ranges{{5, 9}});
  CHECK(partial("bytes=-11", 10) == ranges{{0, 9}});
  CHECK(partial("bytes=5-99999999999999999999999", 10) == ranges{{5, 9}});
  CHECK(partial("bytes=-99999999999999999999999", 10) == ranges{{0, 9}});
  CHECK(partial("bytes=18446744073709551613-", UINT64_MAX) ==
        ranges{{UINT64_MAX - 2, UINT64_MAX - 1}});
}

TEST_CASE("several ranges stay in the order asked") {
  CHECK(partial("bytes=0-0,-1", 10000) == ranges{{0, 0}, {9999, 9999}});
  CHECK(partial("bytes= 5000-5001 ,, 0-1\t,", 10000) == ranges{{5000, 5001}, {0, 1}});
  CHECK(partial("bytes=0-0,10000-", 10000) == ranges{{0, 0}});
}

TEST_CASE("ranges that overlap or nearly touch become one, RFC 9110 14.2") {
  CHECK(partial("bytes=0-99,50-149", 10000) == ranges{{0, 149}});
  CHECK(partial("bytes=0-99,100-149", 10000) == ranges{{0, 149}});
  CHECK(partial("bytes=0-99,179-200", 10000) == ranges{{0, 200}});
  CHECK(partial("bytes=0-99,180-200", 10000) == ranges{{0, 99}, {180, 200}});
  CHECK(partial("bytes=180-200,0-99", 10000) == ranges{{180, 200}, {0, 99}});
  CHECK(partial("bytes=0-9999,5-6,7-8,0-", 10000) == ranges{{0, 9999}});
  CHECK(partial("bytes=5000-5001,0-1,1000-1001,2-4998", 10000) == ranges{{0, 5001}});
  CHECK(partial("bytes=9000-9001,5000-5001,0-1,2-4998", 10000) == ranges{{9000, 9001}, {0, 5001}});
}

TEST_CASE("what has no byte can't be satisfied") {
  CHECK(kind_of("bytes=10-", 10) == kind::unsatisfiable);
  CHECK(kind_of("bytes=10-20,30-", 10) == kind::unsatisfiable);
  CHECK(kind_of("bytes=-0", 10) == kind::unsatisfiable);
  CHECK(kind_of("bytes=0-", 0) == kind::unsatisfiable);
  CHECK(kind_of("bytes=99999999999999999999999-", UINT64_MAX) == kind::unsatisfiable);
}

// It could be satisfied, RFC 9110 14.1.2, but there is no Content-Range of no bytes.
TEST_CASE("the last bytes of nothing are the whole") {
  CHECK(kind_of("bytes=-1", 0) == kind::whole);
}

TEST_CASE("what isn't a ranges-specifier is ignored") {
  const std::string value =
      GENERATE("", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1",
               "bytes=1-2-3", "bytes=--1", "bytes=+1-2", "bytes=1 - 2", "bytes=0x1-2", "lines=1-2",
               " bytes=1-2", "bytes =1-2", "bytes:1-2", "bytes=0-1,x", "bytes=0-1;2-3", "=0-1");
  CAPTURE(value);
  CHECK(kind_of(value, 10) == kind::whole);
}

TEST_CASE("more ranges than there is room for are ignored, whether they have bytes or not") {
  CHECK(kind_of("bytes=0-0,1-1,2-2,3-3", 10) == kind::partial);
  CHECK(kind_of("bytes=0-0,1-1,2-2,3-3,4-4", 10) == kind::whole);
  CHECK(kind_of("bytes=90-,91-,92-,93-,94-", 10) == kind::whole);
  CHECK(parse_ranges("bytes=0-0", 10, {}).what == kind::whole);
}

TEST_CASE("only a GET, with one Range, that If-Range lets apply, has ranges") {
  const validators current{.tag = entity_tag{"a", false}};
  byte_range into[asked_max];
  const auto of = [&](const char* method, field_list fields) {
    return select_ranges(method, fields, current, 0, 10, into).what;
  };
  CHECK(of("GET", {{"range", "bytes=1-2"}}) == kind::partial);
  CHECK(into[0] == byte_range{1, 2});
  CHECK(of("GET", {}) == kind::whole);
  CHECK(of("HEAD", {{"Range", "bytes=1-2"}}) == kind::whole);
  CHECK(of("POST", {{"Range", "bytes=1-2"}}) == kind::whole);
  CHECK(of("GET", {{"Range", "bytes=1-2"}, {"Range", "bytes=1-2"}}) == kind::whole);
  CHECK(of("GET", {{"Range", "bytes=1-2"}, {"If-Range", "\"a\""}}) == kind::partial);
  CHECK(of("GET", {{"Range", "bytes=1-2"}, {"If-Range", "\"b\""}}) == kind::whole);
  CHECK(of("GET", {{"Range", "bytes=10-"}, {"If-Range", "\"b\""}}) == kind::whole);
}

TEST_CASE("Content-Range, RFC 9110 14.4") {
  CHECK(content_range({0, 0}, 1).text() == "bytes 0-0/1");
  CHECK(content_range({42, 1233}, 1234).text() == "bytes 42-1233/1234");
  CHECK(content_range(47022).text() == "bytes */47022");
  CHECK(content_range({UINT64_MAX - 2, UINT64_MAX - 1}, UINT64_MAX).text() ==
        "bytes 18446744073709551613-18446744073709551614/18446744073709551615");
}

}  // namespace
