// What breaks a message of either kind.
#pragma once

#include <drywire/protocol/http1.hpp>

#include <map>
#include <string>

namespace http1_test {

/// Limits that little is over.
inline void make_small(drywire::http1::limits& l) {
  l.head_bytes_max = 300;
  l.start_line_bytes_max = 100;
  l.fields_max = 8;
  l.chunk_overhead_bytes_max = 64;
  l.trailer_bytes_max = 60;
  l.body_bytes_max = 10;
}

/// What a peer sends to be told each fault, under small limits; truncated_body comes of its FIN
/// then, and body_timeout of time. `with` makes a message that has these field lines, and
/// `chunked` one with this body.
template <class With, class Chunked>
std::map<drywire::http1::fault, std::string> message_provocations(With with, Chunked chunked) {
  using drywire::http1::fault;
  std::string fields;
  for (int i = 0; i < 9; ++i) fields += "A:b\r\n";
  return {
      {fault::bare_carriage_return, with("X: a\rb\r\n")},
      {fault::bare_line_feed, with("X: a\nb\r\n")},
      {fault::obsolete_line_folding, with("X: a\r\n b\r\n")},
      {fault::whitespace_before_colon, with("X : a\r\n")},
      {fault::invalid_field_name, with("(: a\r\n")},
      {fault::invalid_field_value, with("X: \x01\r\n")},
      {fault::too_many_fields, with(fields)},
      {fault::head_too_large, with("X: " + std::string(300, 'x') + "\r\n")},
      {fault::invalid_content_length, with("Content-Length: x\r\n")},
      {fault::repeated_content_length, with("Content-Length: 1\r\nContent-Length: 1\r\n")},
      {fault::conflicting_framing, with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
      {fault::invalid_transfer_encoding, with("Transfer-Encoding: gzip\r\n")},
      {fault::unknown_transfer_coding, with("Transfer-Encoding: gzip, chunked\r\n")},
      {fault::content_too_large, with("Content-Length: 11\r\n")},
      {fault::invalid_chunk_size, chunked("x\r\n")},
      {fault::malformed_chunk, chunked("1\r\naXX")},
      {fault::chunk_overhead_too_large, chunked("1;x=" + std::string(100, 'y'))},
      {fault::trailers_too_large, chunked("0\r\nX: " + std::string(100, 'y'))},
      {fault::framing_in_trailers, chunked("0\r\nContent-Length: 1\r\n\r\n")},
      {fault::truncated_body, with("Content-Length: 1\r\n")},
      {fault::body_timeout, with("Content-Length: 1\r\n")},
  };
}

}  // namespace http1_test
