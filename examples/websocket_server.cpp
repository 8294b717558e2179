// WebSockets on an HTTP server: an echo, a room where everybody hears everybody, and an echo as
// sequential code.
#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/coroutine/websocket.hpp>
#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/websocket_group.hpp>
#include <drywire/adapters/websocket_peer.hpp>
#include <drywire/backends/make_backend.hpp>

#include <csignal>
#include <cstdio>

namespace co = drywire::co;
using drywire::websocket_peer;

namespace {

// Serves all peers of the room. They leave the group by themselves.
class room final : public drywire::websocket_handler {
  void on_open(websocket_peer& peer) noexcept override {
    static_cast<void>(members_.add(peer));
    members_.send("somebody came");
  }
  void on_message(websocket_peer&, const drywire::websocket_message& m) noexcept override {
    members_.send(m.kind, m.bytes);
  }
  void on_closed(websocket_peer&, const drywire::websocket_outcome&) noexcept override {
    members_.send("somebody left");
  }

  drywire::websocket_group members_;  // who has a MiB waiting is dropped
};

// A message stays valid until the next is asked for.
co::task<void> echo(drywire::exchange_handle request) {
  co::websocket ws = co_await co::accept_websocket(*request);
  while (const auto message = co_await ws.next_message()) {
    const auto answer = co_await ws.send(message->kind, message->bytes);
    if (answer != drywire::errc::ok) co_return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto loop = drywire::make_backend("native");  // or "asio", or "uv"
  const auto where = drywire::endpoint::parse(argc > 1 ? argv[1] : "8080");
  if (!loop || !where) return 1;
  room everybody;
  co::scope tasks(*loop);

  drywire::http_server server(*loop, [&](drywire::exchange& x) {
    if (x.request().target == "/echo") {
      x.accept_websocket([](websocket_peer& peer, const drywire::websocket_message& m) {
        static_cast<void>(peer.send_back(m));
      });
    } else if (x.request().target == "/room") {
      x.accept_websocket(everybody);
    } else if (x.request().target == "/coroutine") {
      tasks.spawn(echo(x.handle()), co::on_failure::forget);
    } else {
      static_cast<void>(x.respond(404));
    }
  });
  const auto address = server.listen(*where);
  if (!address || server.drain_on(SIGTERM)) return 1;
  std::printf("listening on %s\n", address->to_string().c_str());
  std::fflush(stdout);
  return loop->run() ? 1 : 0;
}
