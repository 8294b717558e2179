#include "http1_date.hpp"

#include <algorithm>
#include <cstring>

namespace drywire::http1 {

namespace {

struct civil {
  unsigned year;
  unsigned month;  // from 0
  unsigned day;    // from 1
};

// The calendar counts from March, so that the leap day is the last of its year; 146097 days are
// the 400 years after which it repeats.
civil civil_of(unsigned days_since_1970) noexcept {
  const unsigned days = days_since_1970 + 719468;  // since 0000-03-01
  const unsigned era = days / 146097;
  const unsigned day_of_era = days % 146097;
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 2 : month_from_march - 10;
  return {era * 400 + year_of_era + (month < 2 ? 1 : 0), month, day};
}

void put_number(char* to, unsigned number, unsigned digits) noexcept {
  for (unsigned i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

void write_date(std::int64_t unix_seconds, std::span<char, date_bytes> to) noexcept {
  constexpr std::int64_t last = 253402300799;  // 9999-12-31T23:59:59
  const auto seconds = static_cast<std::uint64_t>(std::clamp<std::int64_t>(unix_seconds, 0, last));
  const auto days = static_cast<unsigned>(seconds / 86400);
  const auto second = static_cast<unsigned>(seconds % 86400);
  const civil date = civil_of(days);
  char* text = to.data();
  std::memcpy(text, "Thu, 00 Jan 0000 00:00:00 GMT", date_bytes);
  std::memcpy(text, &"ThuFriSatSunMonTueWed"[3 * (days % 7)], 3);
  put_number(text + 5, date.day, 2);
  std::memcpy(text + 8, &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * date.month], 3);
  put_number(text + 12, date.year, 4);
  put_number(text + 17, second / 3600, 2);
  put_number(text + 20, second / 60 % 60, 2);
  put_number(text + 23, second % 60, 2);
}

}  // namespace drywire::http1
