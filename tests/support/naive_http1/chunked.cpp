// Chunked bodies, RFC 9112 7.1.
#include "message.hpp"
#include "section.hpp"

#include <algorithm>
#include <array>

namespace drywire::naive {

using http1::fault;

namespace {

// RFC 9110 6.5.1: for framing, routing, modifiers, authentication and content handling.
constexpr std::array forbidden{"Authorization",
                               "Cache-Control",
                               "Connection",
                               "Content-Encoding",
                               "Content-Range",
                               "Content-Type",
                               "Cookie",
                               "Expect",
                               "Host",
                               "If-Match",
                               "If-Modified-Since",
                               "If-None-Match",
                               "If-Range",
                               "If-Unmodified-Since",
                               "Max-Forwards",
                               "Pragma",
                               "Range",
                               "Set-Cookie",
                               "TE",
                               "Trailer",
                               "Upgrade",
                               "Proxy-Authorization"};

// trailer-section = *( field-line CRLF ), and the CRLF behind it, which is in no limit.
void trailer_section(const std::string& all, std::size_t head_fields, const http1::limits& l,
                     chunked_body& b) {
  const std::size_t most = l.trailer_bytes_max + 2;
  text t(all.substr(b.size, most));
  section s = read_section(t);
  b.wrong.merge(s.wrong);
  if (!s.complete && t.starved()) {
    b.wrong.insert(all.size() - b.size >= most ? fault::trailers_too_large : fault::truncated_body);
  }
  if (s.complete && head_fields + s.fields.size() > l.fields_max) {
    b.wrong.insert(fault::trailers_too_large);
  }
  for (const field& f : s.fields) {
    if (same(f.name, "Content-Length") || same(f.name, "Transfer-Encoding")) {
      b.wrong.insert(fault::framing_in_trailers);
    }
    const auto is_it = [&](std::string_view name) { return same(name, f.name); };
    if (std::ranges::none_of(forbidden, is_it)) b.trailers.push_back(f);
  }
  b.size += t.at();
  b.complete = s.complete && b.wrong.empty();
}

// chunk-size [ chunk-ext ] CRLF, behind the CRLF of the chunk before. Nothing if it is wrong.
std::optional<std::uint64_t> size_line(text& t, bool behind_data, faults& wrong) {
  if (behind_data && !t.eat("\r\n")) {
    if (!t.starved()) wrong.insert(fault::malformed_chunk);
    return std::nullopt;
  }
  const match digits = chunk_size(t);
  const auto size = digits ? hexadecimal(*digits) : std::nullopt;
  if (!size) {
    if (digits || !t.starved()) wrong.insert(fault::invalid_chunk_size);
    return std::nullopt;
  }
  const bool clean = t.front_is([](char c) { return c == ';' || c == '\r' || c == '\n'; });
  if (clean && chunk_ext(t) && t.eat("\r\n")) return size;
  if (!t.starved()) wrong.insert(clean ? fault::malformed_chunk : fault::invalid_chunk_size);
  return std::nullopt;
}

}  // namespace

// chunked-body = *chunk last-chunk trailer-section CRLF
chunked_body read_chunked_body(const std::string& all, std::size_t head_fields,
                               const http1::limits& l) {
  chunked_body b;
  std::uint64_t overhead = 0;
  std::uint64_t announced = 0;
  while (true) {
    const std::uint64_t room = l.chunk_overhead_bytes_max - overhead;
    text t(all.substr(b.size, room));
    const auto size = size_line(t, !b.data.empty(), b.wrong);
    if (!size) {
      if (b.wrong.empty()) {
        const bool full = all.size() - b.size >= room;
        b.wrong.insert(full ? fault::chunk_overhead_too_large : fault::truncated_body);
      }
      return b;
    }
    b.size += t.at();
    // docs/http1.md: less 16 bytes and twice the data.
    const std::uint64_t paid = 16 + 2 * std::min<std::uint64_t>(*size, 1024 * 1024);
    overhead += t.at();
    overhead -= std::min(overhead, paid);
    if (*size == 0) break;
    if (*size > l.body_bytes_max - announced) {
      b.wrong.insert(fault::content_too_large);
      return b;
    }
    announced += *size;
    // chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
    const std::string data = all.substr(b.size, *size);
    b.data += data;
    b.size += data.size();
    if (data.size() < *size) {
      b.wrong.insert(fault::truncated_body);
      return b;
    }
  }
  trailer_section(all, head_fields, l, b);
  return b;
}

}  // namespace drywire::naive
