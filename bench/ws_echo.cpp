// A complete WebSocket echo server on a loop of one's choice: what `./dev bench ws` measures, and
// what `./dev bench compile` compares to its twin, ws_beast.cpp.
//
//   bench_ws_echo LOOP        prints "listening on 127.0.0.1:PORT"
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/backends/make_backend.hpp>

#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto loop = drywire::make_backend(argv[1]);
  if (!loop) {
    std::fprintf(stderr, "no loop '%s'\n", argv[1]);
    return 1;
  }
  drywire::http_server server(*loop, [](drywire::exchange& x) {
    x.accept_websocket([](drywire::websocket_peer& peer, const drywire::websocket_message& m) {
      static_cast<void>(peer.send_back(m));
    });
  });
  const auto where = server.listen(drywire::endpoint::loopback_v4(0));
  if (!where || server.drain_on(SIGTERM)) return 1;
  std::printf("listening on 127.0.0.1:%d\n", where->port());
  std::fflush(stdout);
  return loop->run() ? 1 : 0;
}
