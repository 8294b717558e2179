// A compressed message read and answered, with a loop nowhere in sight.
#include <drywire/deflate/deflater.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/websocket/connection.hpp>

#include <string>
#include <string_view>

using namespace drywire;

int main() {
  testkit::heap_storage memory(websocket::connection::block_bytes);
  testkit::heap_storage deflate_memory(deflate::deflate_block_bytes());
  websocket::tools tools;
  tools.deflate = websocket::deflate_parameters{};
  tools.deflate_memory = &deflate_memory;
  websocket::connection server(websocket::role::server, memory, {}, tools);

  // RFC 7692 7.2.3.1, under a key of zeros.
  std::string bytes("\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\0", 13);
  auto cursor = server.receive(std::as_writable_bytes(std::span(bytes)));
  while (const auto event = cursor.next()) {
    const auto* message = std::get_if<websocket::message>(&*event);
    if (message == nullptr) return 1;
    if (server.send(message->kind, message->bytes, lifetime::lent) != errc::ok) return 2;
  }
  std::string answer;
  for (const const_bytes piece : server.output(100).pieces) answer += as_text(piece);
  return answer == "\x81\x05Hello" ? 0 : 3;
}
