#include <drywire/protocol/http_date.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

namespace {

using namespace drywire::http;

constexpr std::int64_t now = 1'790'000'000;  // in 2026

std::string date(std::int64_t seconds) {
  char text[date_bytes];
  write_date(seconds, text);
  return {text, date_bytes};
}

TEST_CASE("dates are written as in RFC 9110 5.6.7", "[9110-5.6.7b][9110-5.6.7c]") {
  CHECK(date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(date(951782399) == "Mon, 28 Feb 2000 23:59:59 GMT");
  CHECK(date(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(date(951868800) == "Wed, 01 Mar 2000 00:00:00 GMT");
  CHECK(date(4107542400) == "Mon, 01 Mar 2100 00:00:00 GMT");
  CHECK(date(253402300799) == "Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(date(253402300800) == "Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(date(-1) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("dates count every day once") {
  // A naive calendar, day by day, beside the one in use.
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = 1970;
  int month = 0;
  int day = 1;
  int wrong = 0;
  for (std::int64_t d = 0; year < 2401; ++d) {
    const std::string text = date(d * 86400);
    wrong += std::stoi(text.substr(5, 2)) != day || std::stoi(text.substr(12, 4)) != year;
    const bool leap = month == 1 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    if (++day <= lengths[month] + (leap ? 1 : 0)) continue;
    day = 1;
    if (++month < 12) continue;
    month = 0;
    ++year;
  }
  CHECK(wrong == 0);
}

TEST_CASE("all three forms of RFC 9110 5.6.7 are read", "[9110-5.6.7a]") {
  CHECK(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", now) == 784111777);
  CHECK(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now) == 784111777);
  CHECK(parse_date("Sun Nov  6 08:49:37 1994", now) == 784111777);
  CHECK(parse_date("Sun Nov 16 08:49:37 1994", now) == 784111777 + 10 * 86400);
}

TEST_CASE("what was written is read as it was, on every day") {
  int wrong = 0;
  for (std::int64_t d = 0; d < 8030 * 366; ++d) {
    const std::int64_t seconds = d * 86400 + d % 86400;
    if (seconds > 253402300799) break;
    wrong += parse_date(date(seconds), now) != seconds;
  }
  CHECK(wrong == 0);
}

TEST_CASE("years before 1970 count backwards") {
  CHECK(parse_date("Wed, 31 Dec 1969 23:59:59 GMT", now) == -1);
  CHECK(parse_date("Sat, 01 Jan 0000 00:00:00 GMT", now) == -62167219200);
  CHECK(parse_date("Mon, 01 Mar 0004 00:00:00 GMT", now) == -62035804800);
}

TEST_CASE("two digits are a year up to 50 years ahead, or one that was", "[9110-5.6.7d]") {
  CHECK(parse_date("Wednesday, 01-Jan-76 00:00:00 GMT", now) == 3345062400);  // 2076
  CHECK(parse_date("Saturday, 01-Jan-77 00:00:00 GMT", now) == 220924800);    // 1977
  CHECK(parse_date("Thursday, 01-Jan-26 00:00:00 GMT", now) == 1767225600);   // 2026
  constexpr std::int64_t in_1999 = 925000000;
  CHECK(parse_date("Saturday, 01-Jan-49 00:00:00 GMT", in_1999) == 2493072000);  // 2049
  CHECK(parse_date("Saturday, 01-Jan-50 00:00:00 GMT", in_1999) == -631152000);  // 1950
}

TEST_CASE("a leap second is the second behind it") {
  CHECK(parse_date("Sat, 31 Dec 2016 23:59:60 GMT", now) == 1483228800);
}

TEST_CASE("what is no date, or no day, is refused") {
  const std::string text = GENERATE(
      "", "Sun", "Sun, ", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
      "sun, 06 nov 1994 08:49:37 gmt", "Xun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Xov 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
      "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
      "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov 06 08:49:37 94",
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT");
  CAPTURE(text);
  CHECK_FALSE(parse_date(text, now));
}

TEST_CASE("the 29th of February is a day of leap years") {
  CHECK(parse_date("Tue, 29 Feb 2000 00:00:00 GMT", now) == 951782400);
  CHECK(parse_date("Thu, 29 Feb 2024 00:00:00 GMT", now) == 1709164800);
  CHECK_FALSE(parse_date("Wed, 29 Feb 2023 00:00:00 GMT", now));
}

}  // namespace
