// Every fault with its words, its section and its answer, in one table.
#include <drywire/protocol/http1.hpp>

#include <array>

namespace drywire::http1 {

namespace {

struct row {
  fault what;
  unsigned status;
  std::string_view section;
  std::string_view words;
};

constexpr std::array<row, fault_count> rows{{
    {fault::not_a_request, 400, "RFC 9112 3", "not a request"},
    {fault::too_many_empty_lines, 400, "RFC 9112 2.2", "too many empty lines"},
    {fault::malformed_request_line, 400, "RFC 9112 3", "malformed request line"},
    {fault::unknown_method, 501, "RFC 9110 9.1", "unknown method"},
    {fault::invalid_target, 400, "RFC 9112 3.2", "invalid target"},
    {fault::start_line_too_long, 414, "RFC 9112 3", "start line too long"},
    {fault::unsupported_version, 505, "RFC 9112 2.3", "unsupported version"},
    {fault::bare_carriage_return, 400, "RFC 9112 2.2", "bare carriage return"},
    {fault::bare_line_feed, 400, "RFC 9112 2.2", "bare line feed"},
    {fault::obsolete_line_folding, 400, "RFC 9112 5.2", "obsolete line folding"},
    {fault::whitespace_before_colon, 400, "RFC 9112 5.1", "whitespace before colon"},
    {fault::invalid_field_name, 400, "RFC 9110 5.1", "invalid field name"},
    {fault::invalid_field_value, 400, "RFC 9110 5.5", "invalid field value"},
    {fault::too_many_fields, 431, "RFC 9110 5.4", "too many fields"},
    {fault::head_too_large, 431, "RFC 9110 5.4", "head too large"},
    {fault::missing_host, 400, "RFC 9112 3.2", "missing host"},
    {fault::repeated_host, 400, "RFC 9112 3.2", "repeated host"},
    {fault::invalid_host, 400, "RFC 9112 3.2", "invalid host"},
    {fault::invalid_content_length, 400, "RFC 9112 6.3", "invalid content length"},
    {fault::repeated_content_length, 400, "RFC 9112 6.3", "repeated content length"},
    {fault::conflicting_framing, 400, "RFC 9112 6.3", "conflicting framing"},
    {fault::chunked_in_http_1_0, 400, "RFC 9112 6.1", "chunked in HTTP/1.0"},
    {fault::invalid_transfer_encoding, 400, "RFC 9112 6.3", "invalid transfer encoding"},
    {fault::unknown_transfer_coding, 501, "RFC 9112 6.1", "unknown transfer coding"},
    {fault::unknown_expectation, 417, "RFC 9110 10.1.1", "unknown expectation"},
    {fault::content_too_large, 413, "RFC 9110 15.5.14", "content too large"},
    {fault::invalid_chunk_size, 400, "RFC 9112 7.1", "invalid chunk size"},
    {fault::malformed_chunk, 400, "RFC 9112 7.1", "malformed chunk"},
    {fault::chunk_overhead_too_large, 400, "RFC 9112 7.1.1", "chunk overhead too large"},
    {fault::trailers_too_large, 431, "RFC 9112 7.1.2", "trailers too large"},
    {fault::framing_in_trailers, 400, "RFC 9110 6.5.1", "framing in trailers"},
    {fault::truncated_head, 400, "RFC 9112 8", "truncated head"},
    {fault::truncated_body, 400, "RFC 9112 8", "truncated body"},
    {fault::head_timeout, 408, "RFC 9110 15.5.9", "head timeout"},
    {fault::body_timeout, 408, "RFC 9110 15.5.9", "body timeout"},
    {fault::idle_timeout, 0, "RFC 9112 9.5", "idle timeout"},
    {fault::write_timeout, 0, "RFC 9112 9.5", "write timeout"},
    {fault::no_memory, 503, "RFC 9110 15.6.4", "no memory"},
    {fault::not_a_response, 0, "RFC 9112 4", "not a response"},
    {fault::malformed_status_line, 0, "RFC 9112 4", "malformed status line"},
    {fault::unsolicited_response, 0, "RFC 9112 9.2", "unsolicited response"},
    {fault::too_many_informational, 0, "RFC 9110 15.2", "too many informational"},
    {fault::unasked_switch, 0, "RFC 9110 7.8", "unasked switch"},
    {fault::unanswered, 0, "RFC 9112 9.3.1", "unanswered"},
    {fault::response_timeout, 0, "RFC 9112 9.5", "response timeout"},
}};

constexpr bool rows_follow_the_enumerators() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].what) != i) return false;
  }
  return true;
}
static_assert(rows_follow_the_enumerators());

const row& row_of(fault what) noexcept { return rows[static_cast<std::size_t>(what)]; }

}  // namespace

std::string_view to_string(fault what) noexcept { return row_of(what).words; }
std::string_view rfc_section(fault what) noexcept { return row_of(what).section; }
unsigned status_of(fault what) noexcept { return row_of(what).status; }

}  // namespace drywire::http1
