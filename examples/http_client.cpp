// The program of docs/client.md: asks for what a URL names, and prints it.
#include <drywire/adapters/http_client.hpp>
#include <drywire/backends/make_backend.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  const auto loop = drywire::make_backend("native");  // or "asio", or "uv"
  if (!loop || argc != 2) return 2;
  int status = 1;

  drywire::http_client client(*loop);
  client.fetch({.url = argv[1], .redirects_max = 5}, 1 << 20, [&](const drywire::http_answer& a) {
    if (a.outcome.complete()) {
      status = a.status < 400 ? 0 : 1;
      std::fwrite(a.body.data(), 1, a.body.size(), stdout);
    } else {
      std::fprintf(stderr, "%s\n", a.outcome.message().c_str());
    }
    client.close();  // so that run() returns
  });
  return loop->run() ? 2 : status;
}
