#include "http1_classify.hpp"

#include "http1_grammar.hpp"

#include <optional>

namespace drywire::http1 {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// A line end that is half there, whatever the line is.
std::optional<fault> fault_in_line_end(std::string_view text) noexcept {
  const char refused = text.back();
  const char before = text.size() > 1 ? text[text.size() - 2] : '\0';
  if (before == '\r' && refused != '\n') return fault::bare_carriage_return;
  if (before != '\r' && refused == '\n') return fault::bare_line_feed;
  return std::nullopt;
}

fault fault_in_method(std::string_view text) noexcept {
  const char refused = text.back();
  if (grammar::is_token_char(refused)) return fault::unknown_method;
  if (text.size() == 1) return fault::not_a_request;
  return refused == ' ' ? fault::unknown_method : fault::malformed_request_line;
}

// "HTTP/" has been read, and so has the version, or it was refused within.
fault fault_in_version(std::string_view text) noexcept {
  const std::size_t name = text.rfind("HTTP/");
  if (name == text.npos) return fault::malformed_request_line;
  const std::string_view version = grammar::behind(text, name + 5);
  const bool whole =
      version.size() >= 3 && is_digit(version[0]) && version[1] == '.' && is_digit(version[2]);
  if (!whole || version.size() > 4) return fault::malformed_request_line;
  const bool ends = version.size() == 3 || version[3] == '\r';
  return ends ? fault::unsupported_version : fault::malformed_request_line;
}

fault fault_in_request_line(std::string_view text, llhttp_errno_t why) noexcept {
  if (why == HPE_INVALID_METHOD) return fault_in_method(text);
  if (const auto half = fault_in_line_end(text)) return *half;
  switch (why) {
    case HPE_INVALID_URL: return fault::invalid_target;
    case HPE_INVALID_VERSION: return fault_in_version(text);
    case HPE_INVALID_CONSTANT:
      // A method of another protocol of the parser's, with this one's version.
      return text.find(" HTTP/") != text.npos ? fault::unknown_method
                                              : fault::malformed_request_line;
    default: return fault::malformed_request_line;
  }
}

// `line` ends with the byte that was refused.
fault fault_in_field_line(std::string_view line) noexcept {
  if (const auto half = fault_in_line_end(line)) return *half;
  if (is_blank(line.front())) return fault::obsolete_line_folding;
  const std::size_t colon = line.find(':');
  if (colon != line.npos && colon > 0) return fault::invalid_field_value;
  return is_blank(line.back()) ? fault::whitespace_before_colon : fault::invalid_field_name;
}

// The line that the last byte of `text` belongs to.
std::string_view last_line(std::string_view text) noexcept {
  const std::size_t end = grammar::first(text, text.size() - 1).rfind('\n');
  return end == text.npos ? text : grammar::behind(text, end + 1);
}

}  // namespace

fault fault_in_head(std::string_view text, const llhttp_t& parser) noexcept {
  const llhttp_errno_t why = llhttp_get_errno(&parser);
  // The preface of HTTP/2 is a request of a version that isn't spoken here.
  if (why == HPE_PAUSED_H2_UPGRADE) return fault::unsupported_version;
  if (text.empty()) return fault::malformed_request_line;
  if (last_line(text).data() == text.data()) return fault_in_request_line(text, why);
  switch (why) {
    case HPE_UNEXPECTED_CONTENT_LENGTH: return fault::repeated_content_length;
    case HPE_INVALID_CONTENT_LENGTH:
      return (parser.flags & F_TRANSFER_ENCODING) != 0 ? fault::conflicting_framing
                                                       : fault::invalid_content_length;
    case HPE_INVALID_TRANSFER_ENCODING:
      return (parser.flags & F_CONTENT_LENGTH) != 0 ? fault::conflicting_framing
                                                    : fault::invalid_transfer_encoding;
    default: return fault_in_field_line(last_line(text));
  }
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
    default: return text.empty() ? fault::malformed_chunk : fault_in_field_line(last_line(text));
  }
}

}  // namespace drywire::http1
