#include "message.hpp"

#include "section.hpp"

#include <algorithm>
#include <array>

namespace drywire::naive {

namespace {

using http1::fault;

std::vector<std::string> values(const fields& all, std::string_view name) {
  std::vector<std::string> found;
  for (const field& f : all) {
    if (same(f.name, name)) found.push_back(f.value);
  }
  return found;
}

bool ends_oddly(const fields& all, std::string_view name) {
  return std::ranges::any_of(all,
                             [&](const field& f) { return f.ends_oddly && same(f.name, name); });
}

// The elements of all fields of that name, which is a list, RFC 9110 5.3.
std::vector<std::string> elements(const fields& all, std::string_view name) {
  std::vector<std::string> found;
  for (const std::string& value : values(all, name)) {
    for (const std::string& element : list(value)) found.push_back(element);
  }
  return found;
}

bool has_element(const fields& all, std::string_view name, std::string_view element) {
  return std::ranges::any_of(elements(all, name),
                             [&](const std::string& e) { return same(e, element); });
}

// RFC 9112 6.1 and 6.3: chunked is the last one; stricter: and the only one.
void check_codings(const std::vector<std::string>& codings, faults& wrong) {
  const auto chunked = [](const std::string& e) { return same(e, "chunked"); };
  if (codings.size() == 1 && chunked(codings[0])) return;
  const bool plain = std::ranges::all_of(codings, [](const auto& e) { return is(token, e); });
  const bool last = std::ranges::count_if(codings, chunked) == 1 && chunked(codings.back());
  // Of codings with parameters, or that are none, either name will do.
  if (!plain || !last) wrong.insert(fault::invalid_transfer_encoding);
  if (!plain || last) wrong.insert(fault::unknown_transfer_coding);
}

// RFC 9112 6.3, as far as it doesn't depend on the role; what the fields say, right or not.
void read_framing(head& h) {
  const auto lengths = values(h.fields, "Content-Length");
  const bool codes = !values(h.fields, "Transfer-Encoding").empty();
  if (lengths.size() > 1) h.wrong.insert(fault::repeated_content_length);
  if (!lengths.empty() && codes) h.wrong.insert(fault::conflicting_framing);
  if (!lengths.empty()) {
    const auto fine = [](const std::string& value) { return decimal(value).has_value(); };
    const bool all_fine =
        std::ranges::all_of(lengths, fine) && !ends_oddly(h.fields, "Content-Length");
    if (!all_fine) h.wrong.insert(fault::invalid_content_length);
    const auto length = decimal(lengths[0]);
    h.length = length.value_or(0);
    h.body = h.length > 0 ? http1::framing::length : http1::framing::none;
  }
  if (codes) {
    if (h.version == 10) h.wrong.insert(fault::chunked_in_http_1_0);
    check_codings(elements(h.fields, "Transfer-Encoding"), h.wrong);
    const auto comma = [](const std::string& value) { return value.ends_with(','); };
    const bool odd = ends_oddly(h.fields, "Transfer-Encoding") ||
                     std::ranges::any_of(values(h.fields, "Transfer-Encoding"), comma);
    if (odd) h.wrong.insert(fault::invalid_transfer_encoding);
    h.length = 0;
    h.body = http1::framing::chunked;
  }
}

// RFC 9112 9.3.
bool persists(const head& h) {
  if (has_element(h.fields, "Connection", "close")) return false;
  return h.version == 11 || has_element(h.fields, "Connection", "keep-alive");
}

// The text can't go on as it does: that is `malformed` or half of a line end, if it isn't just too
// short.
void refuse(text& t, fault malformed, faults& wrong) {
  if (!t.starved()) wrong.insert(malformed);
  CRLF(t, malformed, wrong);
}

// request-line = method SP request-target SP HTTP-version
void request_line(text& t, head& h) {
  h.method = t.eat_all(tchar);
  if (!begins_method(h.method)) h.wrong.insert(fault::unknown_method);
  if (t.end()) return;
  if (!t.eat(" ")) return refuse(t, fault::malformed_request_line, h.wrong);
  if (!is_method(h.method)) h.wrong.insert(fault::unknown_method);
  if (!t.eat_all(SP).empty()) h.wrong.insert(fault::malformed_request_line);
  h.target = t.eat_all([](char c) { return !SP(c) && before_line_end(c); });
  // Of half a target it may be known already that it becomes none.
  const auto target = request_target(h.method, h.target);
  if (!target) h.wrong.insert(fault::invalid_target);
  if (target) h.form = target->form;
  if (target) h.host = target->authority;
  if (t.end()) return;
  // HTTP/0.9 has no version.
  if (!t.eat(" ")) return refuse(t, fault::malformed_request_line, h.wrong);
  if (!t.eat_all(SP).empty()) h.wrong.insert(fault::malformed_request_line);
  const auto version = HTTP_version(t);
  if (!version) return refuse(t, fault::malformed_request_line, h.wrong);
  h.version = *version;
  if (h.version != 10 && h.version != 11) h.wrong.insert(fault::unsupported_version);
  CRLF(t, fault::malformed_request_line, h.wrong);
}

// status-line = HTTP-version SP status-code SP [ reason-phrase ]; looser: the second SP may be
// missing together with the reason.
void status_line(text& t, head& h) {
  if (!t.eat("HTTP/")) return refuse(t, fault::not_a_response, h.wrong);
  t.back_to(0);
  const auto version = HTTP_version(t);
  if (!version) return refuse(t, fault::malformed_status_line, h.wrong);
  h.version = *version;
  if (h.version != 10 && h.version != 11) h.wrong.insert(fault::unsupported_version);
  const bool spaced = t.eat(" ");
  const std::size_t from = t.at();
  if (!spaced || !t.eat_one(DIGIT) || !t.eat_one(DIGIT) || !t.eat_one(DIGIT)) {
    return refuse(t, fault::malformed_status_line, h.wrong);
  }
  h.status = static_cast<unsigned>(*decimal(t.since(from)));
  // reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
  if (t.eat(" ")) {
    h.reason = t.eat_all(before_line_end);
    const auto fine = [](char c) { return SP_or_HTAB(c) || field_vchar(c); };
    if (!std::ranges::all_of(h.reason, fine)) h.wrong.insert(fault::malformed_status_line);
  }
  CRLF(t, fault::malformed_status_line, h.wrong);
}

// HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ], without the body, as
// far as the limits let it come. What is wrong with the start line may be told at once, or only
// when the head has ended.
head read_head(const std::string& all, void (*start_line)(text&, head&), const http1::limits& l) {
  head h;
  const auto too_long_or_short = [&](std::size_t max, fault too_long) {
    h.wrong.insert(all.size() >= max ? too_long : fault::truncated_head);
  };
  text first(all.substr(0, l.start_line_bytes_max));
  start_line(first, h);
  first.back_to(0);
  first.eat_all([](char c) { return c != '\n'; });
  const std::string line = first.since(0);
  const std::size_t CR = line.find('\r');
  if (CR != std::string::npos && CR + 1 != line.size()) h.wrong.insert(fault::bare_carriage_return);
  if (!first.eat("\n")) {
    too_long_or_short(l.start_line_bytes_max, fault::start_line_too_long);
    return h;
  }
  if (!line.ends_with('\r')) h.wrong.insert(fault::bare_line_feed);
  text t(all.substr(0, l.head_bytes_max));
  t.back_to(first.at());
  section s = read_section(t);
  h.fields = std::move(s.fields);
  h.size = t.at();
  h.complete = s.complete;
  h.wrong.merge(s.wrong);
  if (!s.complete && t.starved()) too_long_or_short(l.head_bytes_max, fault::head_too_large);
  if (s.complete && h.fields.size() > l.fields_max) h.wrong.insert(fault::too_many_fields);
  return h;
}

}  // namespace

head read_request_head(const std::string& all, const http1::limits& limits) {
  head h = read_head(all, request_line, limits);
  read_framing(h);
  if (!h.complete) return h;
  const bool modern = h.version == 11;
  const auto hosts = values(h.fields, "Host");
  if (hosts.size() > 1) h.wrong.insert(fault::repeated_host);
  if (hosts.empty() && modern) h.wrong.insert(fault::missing_host);
  if (!hosts.empty() && !is(Host, hosts[0])) h.wrong.insert(fault::invalid_host);
  // RFC 9112 3.2.2: the target's authority is preferred.
  if (h.host.empty() && !hosts.empty()) h.host = hosts[0];
  const auto expected = elements(h.fields, "Expect");
  const auto known =
      std::ranges::count_if(expected, [](const std::string& e) { return same(e, "100-continue"); });
  if (modern && known != std::ssize(expected)) h.wrong.insert(fault::unknown_expectation);
  // RFC 9110 9.3.6: what is behind a CONNECT is no content, and not HTTP.
  const bool tunnel = h.method == "CONNECT";
  if (tunnel) h.body = http1::framing::none;
  h.expects_continue = modern && known > 0 && h.body != http1::framing::none;
  h.asks_upgrade = modern && !values(h.fields, "Upgrade").empty() &&
                   has_element(h.fields, "Connection", "upgrade");
  h.keep_alive = persists(h) && !tunnel;
  return h;
}

head read_response_head(const std::string& all, const std::string& method,
                        const http1::limits& limits) {
  head h = read_head(all, status_line, limits);
  read_framing(h);
  if (!h.complete) return h;
  h.keep_alive = persists(h);
  const bool tunnel = method == "CONNECT" && h.status / 100 == 2;
  const bool bodyless =
      method == "HEAD" || h.status / 100 == 1 || h.status == 204 || h.status == 304 || tunnel;
  const bool says =
      !values(h.fields, "Content-Length").empty() || !values(h.fields, "Transfer-Encoding").empty();
  if (bodyless) {
    h.body = http1::framing::none;
  } else if (!says) {
    h.body = http1::framing::close;
    h.keep_alive = false;
  }
  if (tunnel) {
    // RFC 9110 9.3.6 has a client ignore them; stricter: of a length only what is right.
    for (const fault f : {fault::chunked_in_http_1_0, fault::invalid_transfer_encoding,
                          fault::unknown_transfer_coding}) {
      h.wrong.erase(f);
    }
  }
  return h;
}

}  // namespace drywire::naive
