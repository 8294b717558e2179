#include "http1_grammar.hpp"

#include <drywire/protocol/http_conditions.hpp>
#include <drywire/protocol/http_date.hpp>

namespace drywire::http {

namespace {

using http1::equal_ignoring_case;
using http1::grammar::behind;
using http1::grammar::first;

// etagc, RFC 9110 8.8.3: no space, no quote, no control.
bool is_tag_char(char c) noexcept {
  const auto u = static_cast<unsigned char>(c);
  return u == 0x21 || (u >= 0x23 && u != 0x7f);
}

// Takes a tag off the front; what isn't one takes nothing.
std::optional<entity_tag> take_tag(std::string_view& text) noexcept {
  const bool weak = text.starts_with("W/");
  const std::string_view quoted = behind(text, weak ? 2 : 0);
  if (!quoted.starts_with('"')) return {};
  std::size_t end = 1;
  while (end < quoted.size() && is_tag_char(quoted[end])) ++end;
  if (end == quoted.size() || quoted[end] != '"') return {};
  text = behind(quoted, end + 1);
  return entity_tag{first(behind(quoted, 1), end - 1), weak};
}

std::string_view without_spaces(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text = behind(text, 1);
  return text;
}

// The next tag of a list, whose tags may hold commas. Nothing at the end, and from the first thing
// on that isn't a tag.
std::optional<entity_tag> take_listed_tag(std::string_view& list) noexcept {
  list = without_spaces(list);
  while (list.starts_with(',')) list = without_spaces(behind(list, 1));
  auto tag = take_tag(list);
  list = without_spaces(list);
  if (!list.empty() && !list.starts_with(',')) return {};
  return tag;
}

using comparison = bool (*)(const entity_tag&, const entity_tag&) noexcept;

// Whether a field of that name says "*", and there is one, or lists its tag.
bool matches(field_list fields, std::string_view name, const validators& current,
             comparison equal) noexcept {
  if (!current.exists) return false;
  for (const field& f : fields) {
    if (!equal_ignoring_case(f.name, name)) continue;
    if (f.value == "*") return true;
    std::string_view list = f.value;
    while (const auto tag = take_listed_tag(list)) {
      if (current.tag && equal(*tag, *current.tag)) return true;
    }
  }
  return false;
}

struct found_field {
  std::size_t count = 0;
  std::string_view value = {};  // of the first
};

found_field find(field_list fields, std::string_view name) noexcept {
  found_field found;
  for (const field& f : fields) {
    if (equal_ignoring_case(f.name, name) && ++found.count == 1) found.value = f.value;
  }
  return found;
}

// The date that a field alone says.
std::optional<std::int64_t> date_in(const found_field& found, std::int64_t now) noexcept {
  if (found.count != 1) return {};
  return parse_date(found.value, now);
}

bool has_conditions(std::string_view method) noexcept {
  return method != "CONNECT" && method != "OPTIONS" && method != "TRACE";
}

}  // namespace

std::optional<entity_tag> parse_entity_tag(std::string_view text) noexcept {
  const auto tag = take_tag(text);
  if (!text.empty()) return {};
  return tag;
}

bool equal_strongly(const entity_tag& a, const entity_tag& b) noexcept {
  return !a.weak && !b.weak && a.opaque == b.opaque;
}

bool equal_weakly(const entity_tag& a, const entity_tag& b) noexcept {
  return a.opaque == b.opaque;
}

verdict evaluate_conditions(std::string_view method, field_list fields, const validators& current,
                            std::int64_t now_unix_seconds) noexcept {
  if (!has_conditions(method)) return verdict::proceed;
  const bool reads = method == "GET" || method == "HEAD";
  const auto modified = current.modified_unix_seconds;
  if (find(fields, "If-Match").count != 0) {
    if (!matches(fields, "If-Match", current, equal_strongly)) return verdict::precondition_failed;
  } else if (modified) {
    const auto since = date_in(find(fields, "If-Unmodified-Since"), now_unix_seconds);
    if (since && *modified > *since) return verdict::precondition_failed;
  }
  if (find(fields, "If-None-Match").count != 0) {
    if (!matches(fields, "If-None-Match", current, equal_weakly)) return verdict::proceed;
    return reads ? verdict::not_modified : verdict::precondition_failed;
  }
  if (reads && modified) {
    const auto since = date_in(find(fields, "If-Modified-Since"), now_unix_seconds);
    if (since && *modified <= *since) return verdict::not_modified;
  }
  return verdict::proceed;
}

bool range_applies(field_list fields, const validators& current,
                   std::int64_t now_unix_seconds) noexcept {
  const found_field condition = find(fields, "If-Range");
  if (condition.count == 0) return true;
  if (condition.count != 1) return false;
  if (const auto tag = parse_entity_tag(condition.value)) {
    return current.tag && equal_strongly(*tag, *current.tag);
  }
  const auto date = parse_date(condition.value, now_unix_seconds);
  return date && current.modified_unix_seconds == date;
}

}  // namespace drywire::http
