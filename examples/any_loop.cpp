// The program of README.md: an HTTP server that greets, and sends the body of a POST back.
#include <drywire/adapters/http_server.hpp>
#include <drywire/backends/make_backend.hpp>

#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  const auto loop = drywire::make_backend("native");  // or "asio", or "uv"
  const auto where = drywire::endpoint::parse(argc > 1 ? argv[1] : "8080");
  if (!loop || !where) return 1;

  drywire::http_server server(*loop, [](drywire::exchange& x) {
    if (x.request().method == "POST") {
      x.collect_body(1 << 20, [](drywire::exchange& y, drywire::const_bytes body) {
        static_cast<void>(y.respond(200, {}, drywire::as_text(body)));
      });
    } else {
      static_cast<void>(x.respond(200, {{"Content-Type", "text/plain"}}, "hello\n"));
    }
  });
  const auto address = server.listen(*where);
  if (!address || server.drain_on(SIGTERM)) return 1;
  std::printf("listening on %s\n", address->to_string().c_str());
  std::fflush(stdout);
  return loop->run() ? 1 : 0;
}
