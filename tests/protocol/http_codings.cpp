#include <drywire/protocol/http_codings.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <optional>
#include <string>

namespace {

using namespace drywire::http;

std::optional<unsigned> gzip_in(const std::string& value) {
  return coding_weight({{"Accept-Encoding", value}}, "gzip");
}

TEST_CASE("a coding that is listed has its weight, RFC 9110 12.5.3") {
  CHECK(gzip_in("gzip") == 1000);
  CHECK(gzip_in("compress, GZIP") == 1000);
  CHECK(gzip_in("compress;q=0.5, gzip;q=1.0") == 1000);
  CHECK(gzip_in("gzip;q=0.5") == 500);
  CHECK(gzip_in("gzip ; Q=0.125") == 125);
  CHECK(gzip_in("gzip;q=0") == 0);
  CHECK(gzip_in("gzip;q=0.000") == 0);
  CHECK(gzip_in("gzip;q=0.") == 0);
  CHECK(gzip_in("gzip;q=1.") == 1000);
  CHECK(gzip_in("x-gzip") == 1000);
}

TEST_CASE("an asterisk stands for what isn't listed") {
  CHECK(gzip_in("*") == 1000);
  CHECK(gzip_in("*;q=0.5, gzip;q=0.7") == 700);
  CHECK(gzip_in("*, gzip;q=0") == 0);
  CHECK(gzip_in("br, *;q=0") == 0);
  CHECK(coding_weight({{"Accept-Encoding", "gzip, *;q=0"}}, "identity") == 0);
}

TEST_CASE("what isn't said") {
  CHECK_FALSE(gzip_in(""));
  CHECK_FALSE(gzip_in("br"));
  CHECK_FALSE(gzip_in("identity;q=1"));
  CHECK_FALSE(gzip_in("gzipped, zip"));
  CHECK_FALSE(coding_weight({{"Accept", "gzip"}}, "gzip"));
  CHECK_FALSE(coding_weight({}, "gzip"));
}

TEST_CASE("a weight that is none counts not at all") {
  const std::string weight = GENERATE("", "q", "q=", "q=2", "q=1.001", "q=0.1234", "q=.5", "q=-1",
                                      "q=0.x", "q=0.5;x=1", "level=9", "q =0.5", "q=00");
  CAPTURE(weight);
  CHECK_FALSE(gzip_in("gzip;" + weight));
  CHECK(gzip_in("gzip;" + weight + ", *;q=0.1") == 100);
}

TEST_CASE("several lines are one list") {
  CHECK(coding_weight({{"Accept-Encoding", "br"}, {"accept-encoding", "gzip;q=0.3"}}, "gzip") ==
        300);
  CHECK(coding_weight({{"Accept-Encoding", "*;q=0.2"}, {"Accept-Encoding", "gzip"}}, "gzip") ==
        1000);
}

}  // namespace
