#include "http1_grammar.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace drywire::http1 {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return x == y || lower(x) == lower(y);
         });
}

namespace {

const field* find_field(std::span<const field> fields, std::string_view name) noexcept {
  for (const field& f : fields) {
    if (equal_ignoring_case(f.name, name)) return &f;
  }
  return nullptr;
}

}  // namespace

const field* request_head::find(std::string_view name) const noexcept {
  return find_field(fields, name);
}

const field* response_head::find(std::string_view name) const noexcept {
  return find_field(fields, name);
}

namespace grammar {

namespace {

// One bit a class in one table, so that a check of a text is one look-up a byte.
enum char_class : unsigned char {
  token_char = 1,   // tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" /
                    //         "_" / "`" / "|" / "~" / DIGIT / ALPHA        RFC 9110 5.6.2
  field_char = 2,   // HTAB / SP / VCHAR / obs-text                          RFC 9110 5.5
  target_char = 4,  // VCHAR without "#": looser than RFC 3986, because browsers send "|" and "{"
  host_char = 8,    // unreserved / sub-delims / "%"                         RFC 3986 3.2.2
};

constexpr bool is_one_of(char c, std::string_view set) { return set.find(c) != npos; }

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    unsigned bits = 0;
    const bool word = is_digit(c) || is_alpha(c);
    if (word || (c != 0 && is_one_of(c, "!#$%&'*+-.^_`|~"))) bits |= token_char;
    if (c == '\t' || (i >= 0x20 && i != 0x7f)) bits |= field_char;
    if (i > 0x20 && i < 0x7f && c != '#') bits |= target_char;
    if (word || (c != 0 && is_one_of(c, "-._~!$&'()*+,;=%"))) bits |= host_char;
    table[i] = static_cast<unsigned char>(bits);
  }
  return table;
}

constexpr std::array<unsigned char, 256> classes = make_classes();

bool has(char c, char_class bits) noexcept {
  return (classes[static_cast<unsigned char>(c)] & bits) != 0;
}

bool all(std::string_view text, char_class bits) noexcept {
  return std::all_of(text.begin(), text.end(), [bits](char c) { return has(c, bits); });
}

// port = *DIGIT, RFC 3986 3.2.3; more than 65535 names no port.
bool is_port(std::string_view text) noexcept {
  if (text.empty()) return true;
  const std::optional<std::uint64_t> number = parse_decimal(text);
  return number && *number <= 65535;
}

// reg-name and IPv4address, RFC 3986 3.2.2: a "%" begins two hexadecimal digits.
bool is_reg_name(std::string_view text) noexcept {
  if (!all(text, host_char)) return false;
  for (std::size_t at = text.find('%'); at != npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
  }
  return true;
}

// What stands between the brackets of an IP-literal, RFC 3986 3.2.2, without its inner grammar.
bool is_ip_literal(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == ':' || (c != '%' && has(c, host_char));
  });
}

// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, RFC 9112 2.3; `malformed` if it is none.
std::optional<fault> parse_version(std::string_view text, fault malformed,
                                   std::uint8_t& minor) noexcept {
  if (text.size() != 8 || first(text, 5) != "HTTP/" || text[6] != '.' || !is_digit(text[5]) ||
      !is_digit(text[7])) {
    return malformed;
  }
  if (text[5] != '1') return fault::unsupported_version;
  minor = text[7] == '0' ? 0 : 1;
  return std::nullopt;
}

// absolute-form = absolute-URI, RFC 3986 4.3, with an authority that is a host without userinfo,
// RFC 9110 4.2.4.
std::optional<request_target> parse_absolute(std::string_view target) noexcept {
  const std::size_t colon = target.find("://");
  if (colon == 0 || colon == npos || !is_alpha(target[0])) return std::nullopt;
  const bool scheme =
      std::all_of(target.begin(), target.begin() + static_cast<int>(colon),
                  [](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "+-."); });
  if (!scheme) return std::nullopt;
  std::string_view authority = behind(target, colon + 3);
  authority = first(authority, authority.find_first_of("/?"));
  if (authority.empty() || authority[0] == ':' || !is_host(authority)) return std::nullopt;
  return request_target{target_form::absolute, authority};
}

// authority-form = uri-host ":" port, RFC 9112 3.2.3: both are there.
std::optional<request_target> parse_authority(std::string_view target) noexcept {
  const std::size_t colon = target.rfind(':');
  if (colon == 0 || colon == npos || colon + 1 == target.size()) return std::nullopt;
  if (!is_host(target) || target.back() == ']') return std::nullopt;
  return request_target{target_form::authority, target};
}

}  // namespace

bool is_token_char(char c) noexcept { return has(c, token_char); }

bool is_token(std::string_view text) noexcept { return !text.empty() && all(text, token_char); }

bool is_field_text(std::string_view text) noexcept { return all(text, field_char); }

bool is_protocol(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == npos) return is_token(text);
  return is_token(first(text, slash)) && is_token(behind(text, slash + 1));
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take_list_element(std::string_view& list) noexcept {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim(first(list, comma));
    list = comma == npos ? std::string_view{} : behind(list, comma + 1);
    if (!element.empty()) return element;
  }
  return {};
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c) || __builtin_mul_overflow(number, 10U, &number) ||
        __builtin_add_overflow(number, static_cast<std::uint64_t>(c - '0'), &number)) {
      return std::nullopt;
    }
  }
  return number;
}

bool is_host(std::string_view text) noexcept {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == npos || !is_ip_literal(first(behind(text, 1), close - 1))) return false;
    const std::string_view rest = behind(text, close + 1);
    return rest.empty() || (rest[0] == ':' && is_port(behind(rest, 1)));
  }
  const std::size_t colon = text.find(':');
  if (colon != npos && !is_port(behind(text, colon + 1))) return false;
  return is_reg_name(first(text, colon));
}

std::optional<fault> parse_request_line(std::string_view line, request_line& out) noexcept {
  const std::size_t space = line.find(' ');
  if (space == npos) return fault::malformed_request_line;
  out.method = first(line, space);
  line = behind(line, space + 1);
  const std::size_t last_space = line.find(' ');
  if (last_space == npos || last_space == 0) return fault::malformed_request_line;
  out.target = first(line, last_space);
  if (!is_token(out.method)) return fault::malformed_request_line;
  return parse_version(behind(line, last_space + 1), fault::malformed_request_line,
                       out.minor_version);
}

std::optional<fault> parse_status_line(std::string_view line, status_line& out) noexcept {
  constexpr fault malformed = fault::malformed_status_line;
  if (const auto wrong = parse_version(first(line, 8), malformed, out.minor_version)) return wrong;
  const std::string_view code = first(behind(line, 9), 3);
  if (line.size() < 12 || line[8] != ' ' || !std::all_of(code.begin(), code.end(), is_digit)) {
    return malformed;
  }
  out.status = static_cast<std::uint16_t>(*parse_decimal(code));
  const std::string_view rest = behind(line, 12);
  if (!rest.empty() && rest[0] != ' ') return malformed;
  out.reason = behind(rest, 1);
  return is_field_text(out.reason) ? std::nullopt : std::optional(malformed);
}

std::optional<request_target> parse_target(std::string_view method,
                                           std::string_view target) noexcept {
  if (target.empty() || !all(target, target_char)) return std::nullopt;
  if (method == "CONNECT") return parse_authority(target);
  if (target[0] == '/') return request_target{};
  if (target == "*") {
    if (method != "OPTIONS") return std::nullopt;
    return request_target{target_form::asterisk, {}};
  }
  return parse_absolute(target);
}

void coding_list::add(std::string_view value) noexcept {
  for (std::string_view e = take_list_element(value); !e.empty(); e = take_list_element(value)) {
    if (chunked_ || !is_token(first(e, e.find(';')))) broken_ = true;
    (equal_ignoring_case(e, "chunked") ? chunked_ : others_) = true;
  }
}

std::optional<fault> coding_list::verdict() const noexcept {
  if (broken_ || !chunked_) return fault::invalid_transfer_encoding;
  if (others_) return fault::unknown_transfer_coding;
  return std::nullopt;
}

bool is_framing(std::string_view name) noexcept {
  return equal_ignoring_case(name, "Content-Length") ||
         equal_ignoring_case(name, "Transfer-Encoding");
}

bool is_forbidden_trailer(std::string_view name) noexcept {
  // Framing, routing, request modifiers, authentication and content handling.
  static constexpr std::array<std::string_view, 24> names{"Transfer-Encoding",
                                                          "Content-Length",
                                                          "Host",
                                                          "Connection",
                                                          "Trailer",
                                                          "TE",
                                                          "Upgrade",
                                                          "Cache-Control",
                                                          "Expect",
                                                          "Max-Forwards",
                                                          "Pragma",
                                                          "Range",
                                                          "If-Match",
                                                          "If-None-Match",
                                                          "If-Range",
                                                          "If-Modified-Since",
                                                          "Authorization",
                                                          "Cookie",
                                                          "Set-Cookie",
                                                          "Proxy-Authorization",
                                                          "Content-Encoding",
                                                          "Content-Type",
                                                          "Content-Range",
                                                          "If-Unmodified-Since"};
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view n) { return equal_ignoring_case(n, name); });
}

}  // namespace grammar

}  // namespace drywire::http1
