// One request over loopback to a server, on each loop that was installed.
#include <drywire/adapters/http_server.hpp>
#include <drywire/backends/make_backend.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

namespace {

bool serves(drywire::backend& loop) {
  drywire::http_server server(
      loop, [](drywire::exchange& x) { static_cast<void>(x.respond(200, {}, "hello")); });
  const auto where = server.listen(drywire::endpoint::loopback_v4(0));
  if (!where) return false;

  const std::string_view request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, static_cast<const sockaddr*>(where->native()),
              static_cast<socklen_t>(where->native_size())) != 0) {
    return false;
  }
  if (send(client, request.data(), request.size(), 0) < 0) return false;

  char reply[256];
  ssize_t size = -1;
  while (size < 0 && loop.run_once(drywire::seconds(1))) {
    size = recv(client, reply, sizeof(reply), MSG_DONTWAIT);
  }
  close(client);
  return size > 0 && std::string_view(reply, static_cast<std::size_t>(size)).ends_with("hello");
}

}  // namespace

int main() {
  for (const std::string_view name : drywire::backend_names()) {
    const auto loop = drywire::make_backend(name);
    if (!loop || !serves(*loop)) return 1;
  }
  return 0;
}
