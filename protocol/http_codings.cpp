#include "http1_grammar.hpp"

#include <drywire/protocol/http_codings.hpp>

namespace drywire::http {

namespace {

using http1::equal_ignoring_case;
using http1::grammar::behind;
using http1::grammar::first;
using http1::grammar::trim;

// qvalue, RFC 9110 12.4.2: 0 or 1, and up to three digits behind a point.
std::optional<unsigned> parse_weight(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return {};
  if (text.size() > 1 && text[1] != '.') return {};
  unsigned weight = static_cast<unsigned>(text[0] - '0') * 1000;
  unsigned unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return {};
    weight += static_cast<unsigned>(text[i] - '0') * unit;
  }
  if (weight > 1000) return {};
  return weight;
}

// weight, RFC 9110 12.4.2, without its semicolon.
std::optional<unsigned> weight_in(std::string_view parameter) noexcept {
  const std::string_view text = trim(parameter);
  if (!equal_ignoring_case(first(text, 2), "q=")) return {};
  return parse_weight(behind(text, 2));
}

bool names(std::string_view element, std::string_view coding) noexcept {
  return equal_ignoring_case(element, coding) ||
         (equal_ignoring_case(element, "x-gzip") && equal_ignoring_case(coding, "gzip"));
}

}  // namespace

std::optional<unsigned> coding_weight(http1::field_list fields, std::string_view coding) noexcept {
  std::optional<unsigned> of_any;
  for (const http1::field& f : fields) {
    if (!equal_ignoring_case(f.name, "Accept-Encoding")) continue;
    std::string_view list = f.value;
    while (true) {
      const std::string_view element = http1::grammar::take_list_element(list);
      if (element.empty()) break;
      const std::size_t semicolon = element.find(';');
      const std::string_view name = trim(first(element, semicolon));
      const auto weight = semicolon == element.npos ? std::optional<unsigned>(1000)
                                                    : weight_in(behind(element, semicolon + 1));
      if (!weight) continue;
      if (names(name, coding)) return weight;
      if (name == "*" && !of_any) of_any = weight;
    }
  }
  return of_any;
}

}  // namespace drywire::http
