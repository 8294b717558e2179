// What RFC 9110 says of dates, entity tags, conditions, ranges and codings, on any text. The first
// byte says how large the representation is; of the rest each line is the value of one field.
#include "harness.hpp"

#include <drywire/protocol/http_codings.hpp>
#include <drywire/protocol/http_conditions.hpp>
#include <drywire/protocol/http_date.hpp>
#include <drywire/protocol/http_ranges.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace drywire {

namespace {

using testkit::law_broken;

constexpr std::array<std::string_view, 8> names{
    "Range",           "If-Range",          "If-Match",
    "If-None-Match",   "If-Modified-Since", "If-Unmodified-Since",
    "Accept-Encoding", "Accept-Encoding"};

void require(bool law, const char* text) {
  if (!law) throw law_broken(text);
}

void check_date(std::string_view text) {
  constexpr std::int64_t now = 1'790'000'000;
  const auto seconds = http::parse_date(text, now);
  if (!seconds || *seconds < 0 || *seconds > 253402300799) return;
  char written[http::date_bytes];
  http::write_date(*seconds, written);
  require(http::parse_date({written, sizeof(written)}, now) == seconds, "a date reads back");
}

void check_tag(std::string_view text) {
  const auto tag = http::parse_entity_tag(text);
  if (!tag) return;
  require(tag->opaque.find('"') == tag->opaque.npos, "no quote within a tag");
  require(http::equal_weakly(*tag, *tag), "a tag is weakly equal to itself");
  require(http::equal_strongly(*tag, *tag) == !tag->weak, "only a strong tag is strongly equal");
  const http::validators current{.tag = *tag};
  require(http::evaluate_conditions("GET", {{"If-None-Match", text}}, current, 0) ==
              http::verdict::not_modified,
          "a tag alone matches itself");
}

// Each byte of the representation at most once, apart from each other, all of them inside.
void check_ranges(const std::vector<http::field>& fields, std::uint64_t size) {
  std::array<http::byte_range, 5> into{};
  const auto got = http::select_ranges("GET", fields, {}, 0, size, into);
  require((got.what == http::range_selection::kind::partial) == (got.count != 0), "a count");
  require(got.count <= into.size(), "no more than there is room for");
  std::sort(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(got.count),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < got.count; ++i) {
    require(into[i].first <= into[i].last && into[i].last < size, "a range is inside");
    require(i == 0 || into[i].first - into[i - 1].last > http::range_gap_bytes, "ranges are apart");
    require(http::content_range(into[i], size).text().size() <= 68, "a Content-Range has its room");
  }
}

void check_conditions(const std::vector<http::field>& fields, const http::validators& current) {
  const auto get = http::evaluate_conditions("GET", fields, current, 0);
  const auto put = http::evaluate_conditions("PUT", fields, current, 0);
  require(http::evaluate_conditions("HEAD", fields, current, 0) == get, "HEAD is as GET");
  require(put != http::verdict::not_modified, "only what reads is not modified");
  require(http::evaluate_conditions("OPTIONS", fields, current, 0) == http::verdict::proceed,
          "OPTIONS has no conditions");
  if (get == http::verdict::precondition_failed) {
    require(put == http::verdict::precondition_failed, "what GET may not, PUT may not");
  }
}

void check(const_bytes input) {
  if (input.empty()) return;
  // Small ones, and the largest that there are.
  const auto choice = std::to_integer<std::uint64_t>(input[0]);
  const std::uint64_t size = choice < 128 ? choice * choice : UINT64_MAX - (255 - choice);
  std::string_view rest = as_text(input.subspan(1));
  std::vector<http::field> fields;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t name = line.empty() ? 0 : static_cast<unsigned char>(line[0]) % names.size();
    const std::string_view value = line.empty() ? line : line.substr(1);
    fields.push_back({names[name], value});
    check_date(value);
    check_tag(value);
  }
  check_ranges(fields, size);
  check_conditions(fields, {.tag = http::entity_tag{"a", (choice & 1) != 0},
                            .modified_unix_seconds = 784111777});
  check_conditions(fields, {.exists = false});
  const auto weight = http::coding_weight(fields, "gzip");
  require(!weight || *weight <= 1000, "a weight is at most 1000");
}

}  // namespace

}  // namespace drywire

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return drywire::fuzz_one(&drywire::check, data, size);
}
