// Heads of opening handshakes as the HTTP machines read them, and what websocket makes of them.
#pragma once

#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/websocket/handshake.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace websocket_test {

using namespace drywire;
using websocket::handshake_fault;

// The example of RFC 6455 1.3.
inline constexpr std::string_view rfc_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view rfc_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A good request, without the fields whose lines begin with `without`, and with the lines `more`,
/// each of which has its CRLF.
inline std::string request_text(std::string_view more = {}, std::string_view without = "-") {
  std::string text = "GET /chat HTTP/1.1\r\n";
  for (const std::string_view line :
       {"Host: server.example.com\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Version: 13\r\n"}) {
    if (!line.starts_with(without)) text += line;
  }
  return text.append(more) + "\r\n";
}

/// The same of a response; its fields answer the key above.
inline std::string response_text(std::string_view more = {}, std::string_view without = "-") {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\n";
  for (const std::string_view line : {"Upgrade: websocket\r\n", "Connection: Upgrade\r\n",
                                      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"}) {
    if (!line.starts_with(without)) text += line;
  }
  return text.append(more) + "\r\n";
}

/// A server that has read one request. Wishes may follow.
struct asked {
  explicit asked(std::string request) : text(std::move(request)) {
    auto cursor = server.receive(std::as_writable_bytes(std::span(text)));
    while (const auto event = cursor.next()) {
      if (const auto* got = std::get_if<http1::request>(&*event)) head = *got->head;
    }
    REQUIRE(!head.method.empty());
  }

  /// All that the machine says.
  std::string said() {
    std::string all;
    for (output_view view = server.output(4096); !view.empty(); view = server.output(4096)) {
      for (const const_bytes piece : view.pieces) all += as_text(piece);
      server.consume_output(view.size());
    }
    return all;
  }

  std::string text;
  testkit::heap_storage memory{http1::server::block_bytes};
  http1::server server{memory};
  http1::request_head head;
};

/// Bytes that say the key above, and the same again each time.
class fixed_entropy final : public entropy {
 public:
  void fill(mutable_bytes to) noexcept override {
    constexpr std::string_view nonce = "the sample nonce";
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = text_bytes(nonce)[i % nonce.size()];
  }
};

/// A client that has sent its handshake, and what it makes of one response.
struct asking {
  explicit asking(std::span<const std::string_view> protocols = {},
                  const websocket::compression* wanted = nullptr)
      : handshake(random, protocols, wanted) {}

  void send() {
    std::array<http1::field, 6> fields;
    std::size_t count = 0;
    fields[count++] = {"Host", "server.example.com"};
    for (const http1::field& f : handshake.fields()) fields[count++] = f;
    REQUIRE(client.send_request("GET", "/chat", std::span(fields.data(), count)) == errc::ok);
    for (output_view view = client.output(4096); !view.empty(); view = client.output(4096)) {
      for (const const_bytes piece : view.pieces) sent += as_text(piece);
      client.consume_output(view.size());
    }
  }

  std::optional<handshake_fault> answer(std::string response) {
    if (sent.empty()) send();
    text = std::move(response);
    std::optional<std::optional<handshake_fault>> verdict;
    auto cursor = client.receive(std::as_writable_bytes(std::span(text)));
    while (const auto event = cursor.next()) {
      const http1::response_head* head = nullptr;
      if (const auto* got = std::get_if<http1::response>(&*event)) head = got->head;
      if (const auto* got = std::get_if<http1::switched>(&*event)) head = got->head;
      if (head == nullptr) continue;
      verdict = handshake.check_response(*head, agreed);
      protocol = agreed.protocol;
    }
    REQUIRE(verdict);
    return *verdict;
  }

  fixed_entropy random;
  websocket::handshake_request handshake;
  websocket::handshake_request::agreement agreed;
  std::string protocol;
  std::string text;
  std::string sent;
  testkit::heap_storage memory{http1::client::block_bytes};
  http1::client client{memory};
};

/// The value of the first field of that name.
inline std::optional<std::string> value_in(http1::field_list fields, std::string_view name) {
  for (const http1::field& f : fields) {
    if (f.name == name) return std::string(f.value);
  }
  return std::nullopt;
}

}  // namespace websocket_test
