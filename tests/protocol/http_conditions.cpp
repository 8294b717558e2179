#include <drywire/protocol/http_conditions.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

namespace {

using namespace drywire::http;

constexpr std::int64_t now = 1'790'000'000;
constexpr const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* after = "Sun, 06 Nov 1994 08:49:38 GMT";

const validators current{.tag = entity_tag{"a", false}, .modified_unix_seconds = 784111777};
const validators weak{.tag = entity_tag{"a", true}, .modified_unix_seconds = 784111777};
const validators none{};
const validators absent{.exists = false};

verdict get(field_list fields, const validators& has = current) {
  return evaluate_conditions("GET", fields, has, now);
}
verdict put(field_list fields, const validators& has = current) {
  return evaluate_conditions("PUT", fields, has, now);
}

// Entity tags, RFC 9110 8.8.3.

TEST_CASE("entity tags are quoted, and weak ones say so") {
  CHECK(parse_entity_tag("\"xyzzy\"")->opaque == "xyzzy");
  CHECK_FALSE(parse_entity_tag("\"xyzzy\"")->weak);
  CHECK(parse_entity_tag("W/\"xyzzy\"")->weak);
  CHECK(parse_entity_tag("\"\"")->opaque == "");
  CHECK(parse_entity_tag("\"a,b!\x80\"")->opaque == "a,b!\x80");
}

TEST_CASE("what is no entity tag") {
  const std::string text =
      GENERATE("", "a", "\"", "\"a", "a\"", "w/\"a\"", "W\"a\"", "W/ \"a\"", "\"a b\"", "\"a\"b",
               "\"a\" ", " \"a\"", "\"a\"\"b\"", "\"a\x7f\"", "\"a\tb\"", "*");
  CAPTURE(text);
  CHECK_FALSE(parse_entity_tag(text));
}

// The table of RFC 9110 8.8.3.2.
TEST_CASE("strong and weak comparison") {
  const entity_tag strong_1{"1", false}, weak_1{"1", true}, weak_2{"2", true};
  CHECK_FALSE(equal_strongly(weak_1, weak_1));
  CHECK(equal_weakly(weak_1, weak_1));
  CHECK_FALSE(equal_weakly(weak_1, weak_2));
  CHECK_FALSE(equal_strongly(weak_1, strong_1));
  CHECK(equal_weakly(weak_1, strong_1));
  CHECK(equal_strongly(strong_1, strong_1));
}

// Each condition, RFC 9110 13.1.

TEST_CASE("without a condition a request proceeds") {
  CHECK(get({}) == verdict::proceed);
  CHECK(get({{"Host", "a"}}, none) == verdict::proceed);
}

TEST_CASE("If-Match compares strongly, RFC 9110 13.1.1") {
  CHECK(get({{"If-Match", "\"a\""}}) == verdict::proceed);
  CHECK(get({{"if-match", "\"b\" , \"a\""}}) == verdict::proceed);
  CHECK(get({{"If-Match", "\"b\""}, {"If-Match", "\"a\""}}) == verdict::proceed);
  CHECK(get({{"If-Match", "*"}}) == verdict::proceed);
  CHECK(get({{"If-Match", "*"}}, none) == verdict::proceed);
  CHECK(get({{"If-Match", "\"b\""}}) == verdict::precondition_failed);
  CHECK(get({{"If-Match", "W/\"a\""}}) == verdict::precondition_failed);
  CHECK(get({{"If-Match", "\"a\""}}, weak) == verdict::precondition_failed);
  CHECK(get({{"If-Match", "\"a\""}}, none) == verdict::precondition_failed);
  CHECK(get({{"If-Match", "a"}}) == verdict::precondition_failed);
  CHECK(put({{"If-Match", "*"}}, absent) == verdict::precondition_failed);
}

TEST_CASE("If-None-Match compares weakly, RFC 9110 13.1.2") {
  CHECK(get({{"If-None-Match", "\"a\""}}) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "W/\"a\""}}) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "\"b\", ,\"c,\",W/\"a\""}}) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "\"b\""}, {"If-None-Match", "\"a\""}}) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "\"a\""}}, weak) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "*"}}) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "\"b\""}}) == verdict::proceed);
  CHECK(get({{"If-None-Match", "\"a\""}}, none) == verdict::proceed);
  CHECK(evaluate_conditions("HEAD", {{"If-None-Match", "*"}}, current, now) ==
        verdict::not_modified);
  CHECK(put({{"If-None-Match", "\"a\""}}) == verdict::precondition_failed);
  CHECK(put({{"If-None-Match", "*"}}) == verdict::precondition_failed);
  CHECK(put({{"If-None-Match", "*"}}, absent) == verdict::proceed);
}

TEST_CASE("a list of tags ends where it is none") {
  CHECK(get({{"If-None-Match", "b, \"a\""}}) == verdict::proceed);
  CHECK(get({{"If-None-Match", "\"b\" \"a\""}}) == verdict::proceed);
  CHECK(get({{"If-None-Match", "\"a\"x"}}) == verdict::proceed);
  CHECK(get({{"If-None-Match", "*, \"a\""}}) == verdict::proceed);
}

TEST_CASE("If-Modified-Since, RFC 9110 13.1.3") {
  CHECK(get({{"If-Modified-Since", same}}) == verdict::not_modified);
  CHECK(get({{"If-Modified-Since", after}}) == verdict::not_modified);
  CHECK(get({{"If-Modified-Since", before}}) == verdict::proceed);
  CHECK(get({{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}) == verdict::not_modified);
  CHECK(get({{"If-Modified-Since", "yesterday"}}) == verdict::proceed);
  CHECK(get({{"If-Modified-Since", same}, {"If-Modified-Since", same}}) == verdict::proceed);
  CHECK(get({{"If-Modified-Since", same}}, none) == verdict::proceed);
  CHECK(put({{"If-Modified-Since", same}}) == verdict::proceed);
}

TEST_CASE("If-Unmodified-Since, RFC 9110 13.1.4") {
  CHECK(get({{"If-Unmodified-Since", same}}) == verdict::proceed);
  CHECK(get({{"If-Unmodified-Since", after}}) == verdict::proceed);
  CHECK(get({{"If-Unmodified-Since", before}}) == verdict::precondition_failed);
  CHECK(put({{"If-Unmodified-Since", before}}) == verdict::precondition_failed);
  CHECK(get({{"If-Unmodified-Since", "never"}}) == verdict::proceed);
  CHECK(get({{"If-Unmodified-Since", before}, {"If-Unmodified-Since", before}}) ==
        verdict::proceed);
  CHECK(get({{"If-Unmodified-Since", before}}, none) == verdict::proceed);
}

TEST_CASE("tags go before dates, and matching before not matching, RFC 9110 13.2.2") {
  CHECK(get({{"If-Match", "\"a\""}, {"If-Unmodified-Since", before}}) == verdict::proceed);
  CHECK(get({{"If-Match", "\"b\""}, {"If-Unmodified-Since", after}}) ==
        verdict::precondition_failed);
  CHECK(get({{"If-None-Match", "\"b\""}, {"If-Modified-Since", after}}) == verdict::proceed);
  CHECK(get({{"If-None-Match", "\"a\""}, {"If-Modified-Since", before}}) == verdict::not_modified);
  CHECK(get({{"If-None-Match", "\"a\""}, {"If-Match", "\"b\""}}) == verdict::precondition_failed);
  CHECK(get({{"If-Match", "\"a\""}, {"If-None-Match", "\"a\""}}) == verdict::not_modified);
  CHECK(get({{"If-Unmodified-Since", after}, {"If-Modified-Since", same}}) ==
        verdict::not_modified);
}

TEST_CASE("methods that select nothing have no conditions, RFC 9110 13.2.1") {
  const std::string method = GENERATE("OPTIONS", "TRACE", "CONNECT");
  CAPTURE(method);
  CHECK(evaluate_conditions(method, {{"If-Match", "\"b\""}}, current, now) == verdict::proceed);
}

TEST_CASE("If-Range wants the very same, RFC 9110 13.1.5") {
  const auto applies = [](const char* value, const validators& has = current) {
    return range_applies({{"If-Range", value}}, has, now);
  };
  CHECK(range_applies({}, none, now));
  CHECK(applies("\"a\""));
  CHECK_FALSE(applies("\"b\""));
  CHECK_FALSE(applies("W/\"a\""));
  CHECK_FALSE(applies("\"a\"", weak));
  CHECK_FALSE(applies("\"a\"", none));
  CHECK_FALSE(applies("\"a\", \"b\""));
  CHECK_FALSE(applies("*"));
  CHECK(applies(same));
  CHECK(applies("Sun Nov  6 08:49:37 1994"));
  CHECK_FALSE(applies(after));
  CHECK_FALSE(applies(before));
  CHECK_FALSE(applies(same, none));
  CHECK_FALSE(range_applies({{"If-Range", "\"a\""}, {"If-Range", "\"a\""}}, current, now));
}

}  // namespace
