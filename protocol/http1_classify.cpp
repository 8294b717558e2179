#include "http1_classify.hpp"

#include "http1_grammar.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace drywire::http1 {

namespace {

// All of this looks for the first wrong byte from the front. Where llhttp stopped is no help: for
// some mistakes that is the wrong byte, for some the one behind it, if it has come already.

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// The first line end that is half there.
std::optional<fault> fault_in_line_end(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return fault::bare_line_feed;
    if (text[i] != '\r' || i + 1 == text.size()) continue;
    if (text[i + 1] != '\n') return fault::bare_carriage_return;
    ++i;
  }
  return std::nullopt;
}

fault fault_in_method(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && grammar::is_token_char(text[end])) ++end;
  if (end == 0) return fault::not_a_request;
  return end == text.size() || text[end] == ' ' ? fault::unknown_method
                                                : fault::malformed_request_line;
}

// "HTTP/" has been read, and so has the version, or it was refused within.
fault fault_in_version(std::string_view text) noexcept {
  const std::size_t name = text.rfind("HTTP/");
  if (name == grammar::npos) return fault::malformed_request_line;
  const std::string_view version = grammar::behind(text, name + 5);
  const bool whole =
      version.size() >= 3 && is_digit(version[0]) && version[1] == '.' && is_digit(version[2]);
  if (!whole) return fault::malformed_request_line;
  // llhttp looks at what is behind a version only if it is one that it knows.
  const std::string_view number = grammar::first(version, 3);
  const bool known = number == "0.9" || number == "1.0" || number == "1.1" || number == "2.0";
  if (!known || version.size() == 3) return fault::unsupported_version;
  return version[3] == '\n' ? fault::bare_line_feed : fault::malformed_request_line;
}

bool fits(char c, char pattern) noexcept { return pattern == 'd' ? is_digit(c) : c == pattern; }

// version SP status [ SP reason ] CRLF, as far as it has come. Nothing, if that may become one.
std::optional<fault> fault_in_status_line(std::string_view line) noexcept {
  constexpr std::string_view pattern = "HTTP/d.d ddd";
  constexpr std::size_t name_end = 5;
  constexpr std::size_t version_end = 8;
  for (std::size_t i = 0; i < line.size() && i <= pattern.size(); ++i) {
    const char c = line[i];
    const bool fine = i < pattern.size() ? fits(c, pattern[i]) : c == ' ' || c == '\r';
    if (!fine && c == '\n') return fault::bare_line_feed;
    if (!fine) return i < name_end ? fault::not_a_response : fault::malformed_status_line;
    if (i + 1 != version_end) continue;
    // What is behind a version that isn't spoken may not have come.
    const std::string_view version = grammar::first(line, version_end);
    if (version != "HTTP/1.0" && version != "HTTP/1.1") return fault::unsupported_version;
  }
  return fault_in_line_end(grammar::behind(line, pattern.size()));
}

bool is_in_request_line(llhttp_errno_t why) noexcept {
  return why == HPE_INVALID_METHOD || why == HPE_INVALID_URL || why == HPE_INVALID_VERSION ||
         why == HPE_INVALID_CONSTANT;
}

// Methods of RTSP, which llhttp knows, too. What it makes of the rest of their lines says nothing
// of HTTP/1.1.
bool has_foreign_method(std::string_view text) noexcept {
  static constexpr std::array<std::string_view, 11> names{
      "ANNOUNCE", "DESCRIBE", "FLUSH", "GET_PARAMETER", "PAUSE",   "PLAY",
      "RECORD",   "REDIRECT", "SETUP", "SET_PARAMETER", "TEARDOWN"};
  const std::size_t space = text.find(' ');
  if (space == grammar::npos) return false;
  return std::ranges::find(names, grammar::first(text, space)) != names.end();
}

// llhttp blames the target for what is behind it, too. How much of that has come means nothing.
fault fault_in_target(std::string_view text) noexcept {
  const std::string_view method = grammar::first(text, text.find(' '));
  std::string_view target = grammar::behind(text, method.size());
  while (!target.empty() && target.front() == ' ') target.remove_prefix(1);
  const std::size_t end = target.find_first_of(" \r\n");
  const bool fine = grammar::parse_target(method, grammar::first(target, end)).has_value();
  if (!fine || end == grammar::npos) return fault::invalid_target;
  const bool half = target[end] == '\r' && !grammar::behind(target, end).starts_with("\r\n");
  return half ? fault::bare_carriage_return : fault::malformed_request_line;
}

fault fault_in_request_line(std::string_view text, llhttp_errno_t why) noexcept {
  if (has_foreign_method(text)) return fault::unknown_method;
  switch (why) {
    case HPE_INVALID_METHOD: return fault_in_method(text);
    case HPE_INVALID_URL: return fault_in_target(text);
    case HPE_INVALID_VERSION: return fault_in_version(text);
    case HPE_INVALID_CONSTANT: return fault::malformed_request_line;
    default: return fault_in_line_end(text).value_or(fault::malformed_request_line);
  }
}

// Names are refused at their first wrong byte; what follows it may not have come.
std::optional<fault> fault_in_field_name(std::string_view line, std::size_t colon) noexcept {
  for (std::size_t i = 0; i < line.size() && i < colon; ++i) {
    if (line[i] == '\n') return fault::bare_line_feed;
    if (is_blank(line[i])) {
      return i == 0 ? fault::obsolete_line_folding : fault::whitespace_before_colon;
    }
    if (!grammar::is_token_char(line[i])) return fault::invalid_field_name;
  }
  return colon == 0 || colon == grammar::npos ? std::optional(fault::invalid_field_name)
                                              : std::nullopt;
}

// `line` is with its line end, as far as that has come.
std::optional<fault> fault_in_field_line(std::string_view line) noexcept {
  if (line.front() == '\r') return fault_in_line_end(line);
  const std::size_t colon = line.find(':');
  if (const auto wrong = fault_in_field_name(line, colon)) return wrong;
  std::string_view value = grammar::behind(line, colon + 1);
  if (const auto half = fault_in_line_end(value)) return half;
  while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
  return grammar::is_field_text(value) ? std::nullopt : std::optional(fault::invalid_field_value);
}

fault fault_in_field_lines(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = grammar::first(text, end == grammar::npos ? end : end + 1);
    if (const auto wrong = fault_in_field_line(line)) return *wrong;
    text = grammar::behind(text, line.size());
  }
  return fault::invalid_field_value;
}

}  // namespace

namespace {

// Behind the first line, whose end is at `end`.
fault fault_behind_line(std::string_view text, std::size_t end, const llhttp_t& parser) noexcept {
  switch (llhttp_get_errno(&parser)) {
    case HPE_UNEXPECTED_CONTENT_LENGTH: return fault::repeated_content_length;
    case HPE_INVALID_CONTENT_LENGTH:
      return (parser.flags & F_TRANSFER_ENCODING) != 0 ? fault::conflicting_framing
                                                       : fault::invalid_content_length;
    case HPE_INVALID_TRANSFER_ENCODING:
      return (parser.flags & F_CONTENT_LENGTH) != 0 ? fault::conflicting_framing
                                                    : fault::invalid_transfer_encoding;
    default: return fault_in_field_lines(grammar::behind(text, end + 1));
  }
}

}  // namespace

fault fault_in_preface(std::string_view text) noexcept {
  const std::string_view line = grammar::first(text, text.find('\n') + 1);
  return line.ends_with(" HTTP/2.0\r\n") ? fault::unsupported_version : fault::unknown_method;
}

fault fault_in_head(std::string_view text, const llhttp_t& parser) noexcept {
  if (parser.method == HTTP_PRI) return fault_in_preface(text);
  const llhttp_errno_t why = llhttp_get_errno(&parser);
  const std::size_t end = text.find('\n');
  const std::string_view line = grammar::first(text, end == grammar::npos ? end : end + 1);
  if (end == grammar::npos || is_in_request_line(why)) return fault_in_request_line(line, why);
  if (const auto half = fault_in_line_end(line)) return *half;
  return fault_behind_line(text, end, parser);
}

fault fault_in_response_head(std::string_view text, const llhttp_t& parser) noexcept {
  const std::size_t end = text.find('\n');
  const std::string_view line = grammar::first(text, end == grammar::npos ? end : end + 1);
  if (const auto wrong = fault_in_status_line(line)) return *wrong;
  if (end == grammar::npos) return fault::malformed_status_line;
  grammar::status_line parts;
  if (const auto wrong = grammar::parse_status_line(grammar::first(line, end - 1), parts)) {
    return *wrong;
  }
  return fault_behind_line(text, end, parser);
}

fault fault_in_chunk(const llhttp_t& parser) noexcept {
  return llhttp_get_errno(&parser) == HPE_INVALID_CHUNK_SIZE ? fault::invalid_chunk_size
                                                             : fault::malformed_chunk;
}

fault fault_in_trailers(std::string_view text, const llhttp_t& parser) noexcept {
  switch (llhttp_get_errno(&parser)) {
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_INVALID_TRANSFER_ENCODING: return fault::framing_in_trailers;
    default: return fault_in_field_lines(text);
  }
}

}  // namespace drywire::http1
