#include "http1_response_head.hpp"

#include "http1_grammar.hpp"

namespace drywire::http1 {

namespace {

bool is_upgrade(const field& f) noexcept {
  return f.name.size() == 7 && equal_ignoring_case(f.name, "Upgrade");
}

bool offers(const request_head& request, std::string_view protocol) noexcept {
  for (const field& f : request.fields) {
    std::string_view list = is_upgrade(f) ? f.value : std::string_view{};
    for (auto offered = grammar::take_list_element(list); !offered.empty();
         offered = grammar::take_list_element(list)) {
      if (equal_ignoring_case(offered, protocol)) return true;
    }
  }
  return false;
}

}  // namespace

bool offers_all(const request_head& request, field_list fields) noexcept {
  for (const field& f : fields) {
    if (!is_upgrade(f)) continue;
    std::string_view list = f.value;
    std::string_view chosen = grammar::take_list_element(list);
    if (chosen.empty()) return false;
    for (; !chosen.empty(); chosen = grammar::take_list_element(list)) {
      if (!grammar::is_protocol(chosen) || !offers(request, chosen)) return false;
    }
  }
  return true;
}

errc response_writer::plan_head(unsigned status, field_list fields, std::string_view reason,
                                plan& p) const noexcept {
  if (status < 200 || status > 599) return errc::invalid_argument;
  if (to_connect_ && status < 300) return errc::operation_not_supported;
  if (!grammar::is_field_text(reason)) return errc::invalid_argument;
  p.status = status;
  p.reason = reason.empty() ? reason_of(status) : reason;
  p.bytes += p.reason.size();
  for (const field& f : fields) {
    if (const errc e = read_field(f, p); e != errc::ok) return e;
  }
  return errc::ok;
}

// Checks one field of the application's, and takes from it what the framing is made of.
errc response_writer::read_field(const field& f, plan& p) const noexcept {
  if (!grammar::is_token(f.name) || !grammar::is_field_text(f.value)) return errc::invalid_argument;
  p.bytes += f.name.size() + f.value.size() + field_bytes_fixed;
  const auto is = [&f](std::string_view name) { return equal_ignoring_case(f.name, name); };
  switch (f.name.size()) {
    case 4:
      if (is("Date")) p.has_date = true;
      return errc::ok;
    case 7:
      if (is("Upgrade")) p.has_upgrade = true;
      return errc::ok;
    case 10:
      if (!is("Connection")) return errc::ok;
      p.close = true;
      return equal_ignoring_case(f.value, "close") ? errc::ok : errc::invalid_argument;
    case 14:
      if (!is("Content-Length")) return errc::ok;
      if (p.length) return errc::invalid_argument;
      p.length = grammar::parse_decimal(f.value);
      return p.length ? errc::ok : errc::invalid_argument;
    case 17: return is("Transfer-Encoding") ? errc::invalid_argument : errc::ok;
    default: return errc::ok;
  }
}

// RFC 9112 6: by length, in chunks, or until the connection ends.
errc response_writer::choose_framing(std::optional<std::uint64_t> length, plan& p) const noexcept {
  if (length && p.length && *length != *p.length) return errc::invalid_argument;
  if (length) p.length = length;
  if (is_bodyless(p.status)) {
    if (p.length.value_or(0) > 0 && p.status != 304) return errc::invalid_argument;
    p.framing = body_end::none;
  } else if (p.length) {
    p.framing = body_end::length;
  } else if (!to_old_) {
    p.framing = body_end::chunks;
  } else {
    p.framing = body_end::close;
    p.close = true;
  }
  return errc::ok;
}

void response_writer::write_head(const plan& p, field_list fields, text_run& out) noexcept {
  char digits[20];
  out.put("HTTP/1.1 ");
  out.put(write_number(digits, p.status, 10));
  out.put(" ");
  out.put(p.reason);
  out.put("\r\n");
  for (const field& f : fields) {
    const bool ours = (f.name.size() == 14 && equal_ignoring_case(f.name, "Content-Length")) ||
                      (f.name.size() == 10 && equal_ignoring_case(f.name, "Connection"));
    if (!ours) out.put_field(f.name, f.value);
  }
  if (has_date_ && !p.has_date) {
    if (!has_date_text_) http::write_date(date_second_, date_);
    has_date_text_ = true;
    out.put_field("Date", {date_, http::date_bytes});
  }
  if (p.status == 205) {
    out.put("Content-Length: 0\r\n");
  } else if (p.length && p.status >= 200 && p.status != 204) {
    out.put_field("Content-Length", write_number(digits, *p.length, 10));
  } else if (p.framing == body_end::chunks) {
    out.put("Transfer-Encoding: chunked\r\n");
  }
  write_connection(p, out);
  out.put("\r\n");
}

void response_writer::write_connection(const plan& p, text_run& out) const noexcept {
  if (p.status < 200 && p.status != 101) return;
  if (p.has_upgrade) {
    // RFC 9110 7.8: whoever sends Upgrade names it in Connection.
    out.put(p.close ? "Connection: upgrade, close\r\n" : "Connection: upgrade\r\n");
  } else if (p.close) {
    out.put("Connection: close\r\n");
  } else if (persists_) {
    out.put("Connection: keep-alive\r\n");
  }
}

std::string_view last_words(unsigned status) noexcept {
#define DRYWIRE_LAST_WORDS(line) \
  "HTTP/1.1 " line "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
  switch (status) {
    case 400: return DRYWIRE_LAST_WORDS("400 Bad Request");
    case 408: return DRYWIRE_LAST_WORDS("408 Request Timeout");
    case 413: return DRYWIRE_LAST_WORDS("413 Content Too Large");
    case 414: return DRYWIRE_LAST_WORDS("414 URI Too Long");
    case 417: return DRYWIRE_LAST_WORDS("417 Expectation Failed");
    case 431: return DRYWIRE_LAST_WORDS("431 Request Header Fields Too Large");
    case 501: return DRYWIRE_LAST_WORDS("501 Not Implemented");
    case 505: return DRYWIRE_LAST_WORDS("505 HTTP Version Not Supported");
    default: return DRYWIRE_LAST_WORDS("503 Service Unavailable");
  }
#undef DRYWIRE_LAST_WORDS
}

}  // namespace drywire::http1
