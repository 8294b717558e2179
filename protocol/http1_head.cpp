#include "http1_head.hpp"

#include "http1_grammar.hpp"

namespace drywire::http1 {

namespace {

// What the fields that steer a connection say, collected in one pass over all of them.
struct steering {
  std::optional<fault> error;
  std::string_view host;
  std::string_view length;
  grammar::coding_list codings;
  unsigned hosts = 0;
  unsigned lengths = 0;
  bool has_codings = false;
  bool has_upgrade = false;
  bool says_close = false;
  bool says_keep_alive = false;
  bool says_upgrade = false;
  bool expects_continue = false;
  bool expects_other = false;
};

void read_connection(std::string_view list, steering& s) noexcept {
  for (auto e = grammar::take_list_element(list); !e.empty();
       e = grammar::take_list_element(list)) {
    if (equal_ignoring_case(e, "close")) s.says_close = true;
    if (equal_ignoring_case(e, "keep-alive")) s.says_keep_alive = true;
    if (equal_ignoring_case(e, "upgrade")) s.says_upgrade = true;
  }
}

void read_expect(std::string_view list, steering& s) noexcept {
  for (auto e = grammar::take_list_element(list); !e.empty();
       e = grammar::take_list_element(list)) {
    (equal_ignoring_case(e, "100-continue") ? s.expects_continue : s.expects_other) = true;
  }
}

// The length of the name alone rules out nearly every field.
void read_field(const field& f, steering& s) noexcept {
  const auto is = [&f](std::string_view name) { return equal_ignoring_case(f.name, name); };
  switch (f.name.size()) {
    case 4:
      if (!is("Host")) return;
      ++s.hosts;
      s.host = f.value;
      return;
    case 6:
      if (is("Expect")) read_expect(f.value, s);
      return;
    case 7:
      if (is("Upgrade")) s.has_upgrade = true;
      return;
    case 10:
      if (is("Connection")) read_connection(f.value, s);
      return;
    case 14:
      if (!is("Content-Length")) return;
      ++s.lengths;
      s.length = f.value;
      return;
    case 17:
      if (!is("Transfer-Encoding")) return;
      s.has_codings = true;
      s.codings.add(f.value);
      return;
    default: return;
  }
}

std::optional<fault> check_host(const steering& s, request_head& head) noexcept {
  if (s.hosts > 1) return fault::repeated_host;
  if (s.hosts == 0 && head.minor_version > 0) return fault::missing_host;
  if (!grammar::is_host(s.host)) return fault::invalid_host;
  // The target's authority overrides Host, RFC 9112 3.2.2.
  if (head.host.empty()) head.host = s.host;
  return std::nullopt;
}

// What the fields say of the body, whether or not the message has one.
template <class Head>
std::optional<fault> check_framing(const steering& s, Head& head) noexcept {
  if (s.lengths > 1) return fault::repeated_content_length;
  if (s.has_codings) {
    if (s.lengths > 0) return fault::conflicting_framing;
    if (head.minor_version == 0) return fault::chunked_in_http_1_0;
    head.body = framing::chunked;
    return s.codings.verdict();
  }
  if (s.lengths == 0) return std::nullopt;
  const auto length = grammar::parse_decimal(s.length);
  if (!length) return fault::invalid_content_length;
  head.content_length = *length;
  head.body = *length > 0 ? framing::length : framing::none;
  return std::nullopt;
}

}  // namespace

std::optional<fault> complete_head(std::string_view line, std::span<const field> fields,
                                   request_head& head) noexcept {
  grammar::request_line parts;
  if (const auto error = grammar::parse_request_line(line, parts)) return error;
  const auto target = grammar::parse_target(parts.method, parts.target);
  if (!target) return fault::invalid_target;
  head = {.method = parts.method,
          .target = parts.target,
          .host = target->authority,
          .fields = fields,
          .form = target->form,
          .minor_version = parts.minor_version};
  steering s;
  for (const field& f : fields) read_field(f, s);
  if (const auto error = check_host(s, head)) return error;
  if (const auto error = check_framing(s, head)) return error;
  const bool modern = head.minor_version > 0;
  // Expect is ignored in HTTP/1.0, RFC 9110 10.1.1, and without a body it asks for nothing.
  if (modern && s.expects_other) return fault::unknown_expectation;
  // A CONNECT has no content, and behind it comes anything but a request: RFC 9110 9.3.6.
  const bool connect = target->form == target_form::authority;
  if (connect) head.body = framing::none;
  head.expects_continue = modern && s.expects_continue && head.body != framing::none;
  head.asks_upgrade = modern && s.has_upgrade && s.says_upgrade;
  head.keep_alive = !s.says_close && !connect && (modern || s.says_keep_alive);
  return std::nullopt;
}

std::optional<fault> complete_head(std::string_view line, std::span<const field> fields,
                                   asked_with asked, response_head& head) noexcept {
  grammar::status_line parts;
  if (const auto error = grammar::parse_status_line(line, parts)) return error;
  head = {.reason = parts.reason,
          .fields = fields,
          .status = parts.status,
          .minor_version = parts.minor_version};
  steering s;
  for (const field& f : fields) read_field(f, s);
  // RFC 9112 9.3: HTTP/1.0 has to say that it goes on.
  head.keep_alive = !s.says_close && (head.minor_version > 0 || s.says_keep_alive);
  // What they say of a body means nothing here, RFC 9110 9.3.6; the parser refuses both all the
  // same, but not if the coding is empty and comes first.
  if (asked == asked_with::connect && head.status / 100 == 2) {
    const bool both = s.has_codings && s.lengths > 0;
    return both ? std::optional(fault::conflicting_framing) : std::nullopt;
  }
  if (const auto error = check_framing(s, head)) return error;
  const bool bodyless =
      asked == asked_with::head || head.informational() || head.status == 204 || head.status == 304;
  if (bodyless) {
    head.body = framing::none;
  } else if (!s.has_codings && s.lengths == 0) {
    head.body = framing::close;
    head.keep_alive = false;
  }
  return std::nullopt;
}

}  // namespace drywire::http1
