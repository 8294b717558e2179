// One request over loopback to a server on the native loop.
#include <drywire/adapters/http_server.hpp>
#include <drywire/loop/native.hpp>

#include <sys/socket.h>

#include <string_view>

int main() {
  const auto loop = drywire::make_native();
  drywire::http_server server(
      *loop, [](drywire::exchange& x) { static_cast<void>(x.respond(200, {}, "hello")); });
  const auto where = server.listen(drywire::endpoint::loopback_v4(0));

  const std::string_view request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, static_cast<const sockaddr*>(where->native()),
              static_cast<socklen_t>(where->native_size())) != 0) {
    return 1;
  }
  if (send(client, request.data(), request.size(), 0) < 0) return 1;

  char reply[256];
  ssize_t size = -1;
  while (size < 0 && loop->run_once(drywire::seconds(1))) {
    size = recv(client, reply, sizeof(reply), MSG_DONTWAIT);
  }
  const std::string_view got(reply, size > 0 ? static_cast<std::size_t>(size) : 0);
  return got.ends_with("hello") ? 0 : 1;
}
