#include <drywire/protocol/http_date.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace drywire::http {

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

// The way back, for any year from 0 on.
std::int64_t days_of(const civil& date) noexcept {
  const unsigned month_from_march = date.month < 2 ? date.month + 10 : date.month - 2;
  // An era ahead, so that January of the year 0 has a year before it.
  const unsigned year = date.year + 400 - (date.month < 2 ? 1 : 0);
  const unsigned days = 365 * year + year / 4 - year / 100 + year / 400 +
                        (153 * month_from_march + 2) / 5 + date.day - 1;
  return std::int64_t{days} - 146097 - 719468;
}

// The nearest second of the years 1970 to 9999.
std::uint64_t within_years(std::int64_t unix_seconds) noexcept {
  constexpr std::int64_t last = 253402300799;  // 9999-12-31T23:59:59
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(unix_seconds, 0, last));
}

void put_number(char* to, unsigned number, unsigned digits) noexcept {
  for (unsigned i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

void write_date(std::int64_t unix_seconds, std::span<char, date_bytes> to) noexcept {
  const std::uint64_t seconds = within_years(unix_seconds);
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

namespace {

constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> weekdays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

// Takes one part of a date after the other; once one isn't there, none is.
class date_reader {
 public:
  explicit date_reader(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool complete() const noexcept { return good_ && rest_.empty(); }

  void take(std::string_view text) noexcept {
    good_ = good_ && rest_.starts_with(text);
    if (good_) rest_.remove_prefix(text.size());
  }

  bool take_if(std::string_view text) noexcept {
    if (!good_ || !rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  unsigned take_number(unsigned digits) noexcept {
    good_ = good_ && rest_.size() >= digits;
    unsigned number = 0;
    for (unsigned i = 0; good_ && i < digits; ++i) {
      good_ = rest_[i] >= '0' && rest_[i] <= '9';
      number = number * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    if (good_) rest_.remove_prefix(digits);
    return number;
  }

  unsigned take_month() noexcept {
    for (unsigned month = 0; month < 12; ++month) {
      if (take_if({months.data() + std::size_t{3} * month, 3})) return month;
    }
    good_ = false;
    return 0;
  }

  // hour ":" minute ":" second
  unsigned take_time() noexcept {
    const unsigned hour = take_number(2);
    take(":");
    const unsigned minute = take_number(2);
    take(":");
    const unsigned second = take_number(2);
    good_ = good_ && hour < 24 && minute < 60 && second <= 60;
    return hour * 3600 + minute * 60 + second;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

enum class date_form : unsigned char { none, fixed, rfc850, asctime };

date_form take_weekday(date_reader& from) noexcept {
  for (const std::string_view day : weekdays) {
    if (from.take_if(day)) return from.take_if(", ") ? date_form::rfc850 : date_form::none;
    if (!from.take_if({day.data(), 3})) continue;
    if (from.take_if(", ")) return date_form::fixed;
    return from.take_if(" ") ? date_form::asctime : date_form::none;
  }
  return date_form::none;
}

bool is_day(const civil& date) noexcept {
  static constexpr std::array<unsigned char, 12> lengths{31, 28, 31, 30, 31, 30,
                                                         31, 31, 30, 31, 30, 31};
  const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
  const unsigned length = lengths[date.month] + (leap && date.month == 1 ? 1U : 0U);
  return date.day >= 1 && date.day <= length;
}

// RFC 9110 5.6.7: what seems to be more than 50 years ahead was in the past.
unsigned year_of_two_digits(unsigned digits, std::int64_t now_unix_seconds) noexcept {
  const auto days_now = static_cast<unsigned>(within_years(now_unix_seconds) / 86400);
  const unsigned year_now = civil_of(days_now).year;
  unsigned year = (year_now + 50) / 100 * 100 + digits;
  if (year > year_now + 50) year -= 100;
  return year;
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text,
                                       std::int64_t now_unix_seconds) noexcept {
  date_reader from(text);
  civil date{};
  unsigned seconds = 0;
  switch (take_weekday(from)) {
    case date_form::none: return {};
    case date_form::fixed:
      date.day = from.take_number(2);
      from.take(" ");
      date.month = from.take_month();
      from.take(" ");
      date.year = from.take_number(4);
      from.take(" ");
      seconds = from.take_time();
      from.take(" GMT");
      break;
    case date_form::rfc850:
      date.day = from.take_number(2);
      from.take("-");
      date.month = from.take_month();
      from.take("-");
      date.year = year_of_two_digits(from.take_number(2), now_unix_seconds);
      from.take(" ");
      seconds = from.take_time();
      from.take(" GMT");
      break;
    case date_form::asctime:
      date.month = from.take_month();
      from.take(" ");
      date.day = from.take_if(" ") ? from.take_number(1) : from.take_number(2);
      from.take(" ");
      seconds = from.take_time();
      from.take(" ");
      date.year = from.take_number(4);
      break;
  }
  if (!from.complete() || !is_day(date)) return {};
  return days_of(date) * 86400 + seconds;
}

}  // namespace drywire::http
