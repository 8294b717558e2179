// The smallest server on a loop of one's choice: what `./dev bench http` measures.
//
//   bench_hello_server LOOP PORT
#include <drywire/adapters/http_server.hpp>
#include <drywire/backends/make_backend.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto loop = drywire::make_backend(argv[1]);
  if (!loop) {
    std::fprintf(stderr, "no loop '%s'\n", argv[1]);
    return 1;
  }
  drywire::http_server server(*loop, [](drywire::exchange& x) {
    static_cast<void>(x.respond(200, {{"Content-Type", "text/plain"}}, "Hello, World!"));
  });
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  if (!server.listen(drywire::endpoint::loopback_v4(port)) || server.drain_on(SIGTERM)) return 1;
  return loop->run() ? 1 : 0;
}
