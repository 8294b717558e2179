#include "grammar.hpp"

#include <algorithm>
#include <array>

namespace drywire::naive {

// SP = %x20
bool SP(char c) { return c == ' '; }
// HTAB = %x09
bool SP_or_HTAB(char c) { return SP(c) || c == '\t'; }
// ALPHA = %x41-5A / %x61-7A
bool ALPHA(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
// DIGIT = %x30-39
bool DIGIT(char c) { return c >= '0' && c <= '9'; }
// HEXDIG = DIGIT / "A" / "B" / "C" / "D" / "E" / "F"
bool HEXDIG(char c) { return DIGIT(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }
// VCHAR = %x21-7E
bool VCHAR(char c) { return c >= 0x21 && c <= 0x7e; }

namespace {

bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

}  // namespace

// tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~"
//       / DIGIT / ALPHA
bool tchar(char c) { return DIGIT(c) || ALPHA(c) || one_of(c, "!#$%&'*+-.^_`|~"); }
// obs-text = %x80-FF
bool obs_text(char c) { return static_cast<unsigned char>(c) >= 0x80; }
// field-vchar = VCHAR / obs-text
bool field_vchar(char c) { return VCHAR(c) || obs_text(c); }

// token = 1*tchar
match token(text& t) {
  if (!t.front_is(tchar)) return std::nullopt;
  return t.eat_all(tchar);
}

namespace {

// qdtext = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text
bool qdtext(char c) { return SP_or_HTAB(c) || (field_vchar(c) && c != '"' && c != '\\'); }
// quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )
bool quoted(char c) { return SP_or_HTAB(c) || field_vchar(c); }

}  // namespace

// quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
match quoted_string(text& t) {
  const std::size_t from = t.at();
  bool fine = t.eat("\"");
  while (fine && !t.eat("\"")) fine = t.eat_one(qdtext) || (t.eat("\\") && t.eat_one(quoted));
  if (fine) return t.since(from);
  t.back_to(from);
  return std::nullopt;
}

// #element => [ element ] *( OWS "," OWS [ element ] )
std::vector<std::string> list(const std::string& value) {
  std::vector<std::string> elements;
  text t(value);
  do {
    const auto element = trimmed(t.eat_all([](char c) { return c != ','; }));
    if (!element.empty()) elements.push_back(element);
  } while (t.eat(","));
  return elements;
}

// OWS = *( SP / HTAB )
std::string trimmed(const std::string& value) {
  const std::size_t from = value.find_first_not_of(" \t");
  if (from == std::string::npos) return {};
  return value.substr(from, value.find_last_not_of(" \t") - from + 1);
}

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

namespace {

// unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
bool unreserved(char c) { return ALPHA(c) || DIGIT(c) || one_of(c, "-._~"); }
// sub-delims = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="
bool sub_delims(char c) { return one_of(c, "!$&'()*+,;="); }

// pct-encoded = "%" HEXDIG HEXDIG
bool pct_encoded(text& t) {
  const std::size_t from = t.at();
  if (t.eat("%") && t.eat_one(HEXDIG) && t.eat_one(HEXDIG)) return true;
  t.back_to(from);
  return false;
}

bool unreserved_or_sub_delims(char c) { return unreserved(c) || sub_delims(c); }

// reg-name = *( unreserved / pct-encoded / sub-delims ), which IPv4address is, too.
std::string reg_name(text& t) {
  const std::size_t from = t.at();
  while (t.eat_one(unreserved_or_sub_delims) || pct_encoded(t)) {
  }
  return t.since(from);
}

// IP-literal = "[" ( IPv6address / IPvFuture ) "]", looser: by the characters of both.
match IP_literal(text& t) {
  const std::size_t from = t.at();
  const auto address = [](char c) { return unreserved_or_sub_delims(c) || c == ':'; };
  if (t.eat("[") && !t.eat_all(address).empty() && t.eat("]")) return t.since(from);
  t.back_to(from);
  return std::nullopt;
}

}  // namespace

// host = IP-literal / IPv4address / reg-name
match uri_host(text& t) {
  if (const match literal = IP_literal(t)) return literal;
  return reg_name(t);
}

// port = *DIGIT, stricter: at most 65535.
match port(text& t) {
  const std::size_t from = t.at();
  std::string digits = t.eat_all(DIGIT);
  const auto number = decimal(digits);
  if (digits.empty() || (number && *number <= 65535)) return digits;
  t.back_to(from);
  return std::nullopt;
}

// Host = uri-host [ ":" port ]
match Host(text& t) {
  const std::size_t from = t.at();
  uri_host(t);
  if (!t.eat(":") || port(t)) return t.since(from);
  t.back_to(from);
  return std::nullopt;
}

namespace {

// The registry of RFC 9110 16.1 as far as it is implemented, and a few more that are in use.
constexpr std::array methods{
    "ACL",       "BIND",      "CHECKOUT", "CONNECT",  "COPY",   "DELETE",     "GET",
    "HEAD",      "LINK",      "LOCK",     "M-SEARCH", "MERGE",  "MKACTIVITY", "MKCALENDAR",
    "MKCOL",     "MOVE",      "NOTIFY",   "OPTIONS",  "PATCH",  "POST",       "PROPFIND",
    "PROPPATCH", "PURGE",     "PUT",      "QUERY",    "REBIND", "REPORT",     "SEARCH",
    "SOURCE",    "SUBSCRIBE", "TRACE",    "UNBIND",   "UNLINK", "UNLOCK",     "UNSUBSCRIBE"};

}  // namespace

bool begins_method(std::string_view beginning) {
  return std::ranges::any_of(methods, [&](std::string_view m) { return m.starts_with(beginning); });
}

bool is_method(std::string_view name) { return std::ranges::find(methods, name) != methods.end(); }

// Any visible ASCII but "#": looser than RFC 3986.
bool target_char(char c) { return VCHAR(c) && c != '#'; }

namespace {

// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), stricter: letters alone.
match scheme(text& t) {
  if (!t.front_is(ALPHA)) return std::nullopt;
  return t.eat_all(ALPHA);
}

// origin-form = absolute-path [ "?" query ]
std::optional<target> origin_form(text t) {
  if (!t.eat("/")) return std::nullopt;
  return target{http1::target_form::origin, {}};
}

// absolute-form = absolute-URI = scheme ":" hier-part [ "?" query ], stricter: hier-part begins
// with "//" and an authority, which is a host without userinfo, RFC 9110 4.2.4, and not empty,
// RFC 9110 4.2.1.
std::optional<target> absolute_form(text t) {
  if (!scheme(t) || !t.eat("://")) return std::nullopt;
  const std::size_t from = t.at();
  const match host = uri_host(t);
  if (host->empty() || (t.eat(":") && !port(t))) return std::nullopt;
  const std::string authority = t.since(from);
  if (!t.end() && !t.eat("/") && !t.eat("?")) return std::nullopt;
  return target{http1::target_form::absolute, authority};
}

// authority-form = uri-host ":" port, and neither is empty: there is nowhere else to connect to.
std::optional<target> authority_form(text t) {
  const match host = uri_host(t);
  if (host->empty() || !t.eat(":")) return std::nullopt;
  const match number = port(t);
  if (!number || number->empty() || !t.end()) return std::nullopt;
  return target{http1::target_form::authority, *host + ':' + *number};
}

// asterisk-form = "*"
std::optional<target> asterisk_form(text t) {
  if (!t.eat("*") || !t.end()) return std::nullopt;
  return target{http1::target_form::asterisk, {}};
}

}  // namespace

// request-target = origin-form / absolute-form / authority-form / asterisk-form
std::optional<target> request_target(const std::string& method, const std::string& all) {
  if (!std::ranges::all_of(all, target_char)) return std::nullopt;
  const text t(all);
  if (method == "CONNECT") return authority_form(t);
  if (const auto found = origin_form(t)) return found;
  if (const auto found = absolute_form(t)) return found;
  return method == "OPTIONS" ? asterisk_form(t) : std::nullopt;
}

// HTTP-version = HTTP-name "/" DIGIT "." DIGIT, HTTP-name = %s"HTTP"
std::optional<unsigned> HTTP_version(text& t) {
  const std::size_t from = t.at();
  const bool found = t.eat("HTTP/") && t.eat_one(DIGIT) && t.eat(".") && t.eat_one(DIGIT);
  const std::string all = t.since(from);
  if (found) return static_cast<unsigned>((all[5] - '0') * 10 + all[7] - '0');
  t.back_to(from);
  return std::nullopt;
}

namespace {

// Digits of a base, if they fit in 64 bits.
std::optional<std::uint64_t> number(const std::string& digits, unsigned base) {
  std::uint64_t sum = 0;
  for (const char c : digits) {
    const unsigned digit =
        DIGIT(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
    if (sum > (UINT64_MAX - digit) / base) return std::nullopt;
    sum = sum * base + digit;
  }
  return sum;
}

}  // namespace

std::optional<std::uint64_t> decimal(const std::string& all) {
  if (all.empty() || !std::ranges::all_of(all, DIGIT)) return std::nullopt;
  return number(all, 10);
}

std::optional<std::uint64_t> hexadecimal(const std::string& digits) { return number(digits, 16); }

// chunk-size = 1*HEXDIG
match chunk_size(text& t) {
  if (!t.front_is(HEXDIG)) return std::nullopt;
  return t.eat_all(HEXDIG);
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ), stricter: without the
// whitespace.
// chunk-ext-name = token, chunk-ext-val = token / quoted-string
match chunk_ext(text& t) {
  const std::size_t from = t.at();
  while (t.eat(";")) {
    if (!token(t) || (t.eat("=") && !token(t) && !quoted_string(t))) {
      t.back_to(from);
      return std::nullopt;
    }
  }
  return t.since(from);
}

}  // namespace drywire::naive
