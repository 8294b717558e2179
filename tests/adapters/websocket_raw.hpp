// A client by hand, on a stream that is all the test's: bytes of handshakes and frames.
#pragma once

#include <drywire/base/bytes.hpp>
#include <drywire/websocket/frame.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace drywire::tests {

/// RFC 6455 1.2's; `more` is further lines.
inline std::string upgrade_request(std::string_view more = {}) {
  return "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
         "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: 13\r\n" +
         std::string(more) + "\r\n";
}

inline std::string frame_of(websocket::frame_header header, std::string_view payload) {
  header.length = payload.size();
  std::string bytes(websocket::header_bytes(header), '\0');
  websocket::write_header(header, std::as_writable_bytes(std::span(bytes)));
  const std::size_t begin = bytes.size();
  bytes += payload;
  if (header.masked) {
    websocket::mask(std::as_writable_bytes(std::span(bytes)).subspan(begin), header.key, 0);
  }
  return bytes;
}

inline std::string client_frame(std::string_view payload,
                                websocket::opcode what = websocket::opcode::text, bool fin = true) {
  websocket::frame_header header;
  header.opcode = what;
  header.fin = fin;
  header.masked = true;
  header.key = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  return frame_of(header, payload);
}

inline std::string server_frame(std::string_view payload,
                                websocket::opcode what = websocket::opcode::text) {
  websocket::frame_header header;
  header.opcode = what;
  return frame_of(header, payload);
}

inline std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} +
         std::string(reason);
}

/// What follows the head that `written` begins with.
inline std::string_view behind_head(std::string_view written) {
  const std::size_t end = written.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view{} : written.substr(end + 4);
}

}  // namespace drywire::tests
