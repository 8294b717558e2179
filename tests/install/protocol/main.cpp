// A request in, a response out, with no loop and no socket.
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/storage.hpp>

#include <cstdio>
#include <span>

int main() {
  char text[] = "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n";
  drywire::testkit::heap_storage memory(drywire::http1::server::block_bytes);
  drywire::http1::server server(memory);
  auto cursor = server.receive(std::as_writable_bytes(std::span(text, sizeof(text) - 1)));
  while (const auto event = cursor.next()) {
    if (!std::holds_alternative<drywire::http1::request>(*event)) continue;
    if (server.respond(204) != drywire::errc::ok) return 1;
  }
  for (auto bytes : server.output(1024).pieces) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  }
  return server.queued() > 0 ? 0 : 1;
}
