// An HTTP server as sequential code: it greets, sends the body of a POST back as it comes, and
// gives each request a minute.
#include <drywire/adapters/coroutine.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/backends/make_backend.hpp>
#include <drywire/protocol/http1_server.hpp>

#include <csignal>
#include <cstdio>
#include <utility>
#include <variant>

namespace co = drywire::co;
namespace http1 = drywire::http1;
using connection = co::connection<http1::server>;

namespace {

// A piece stays valid while the coroutine waits for room.
co::task<void> echo(connection& c) {
  static_cast<void>(c.call().start_response(200));
  while (auto event = co_await c.next_event()) {
    if (const auto* piece = std::get_if<http1::body>(&*event)) {
      const auto answer = co_await c.send(piece->bytes);
      if (answer != drywire::errc::ok) co_return;
    } else if (std::holds_alternative<http1::request_end>(*event)) {
      static_cast<void>(c.call().finish());
      co_return;
    }
  }
}

co::task<void> serve(drywire::backend& loop, co::transport from, drywire::storage& memory) {
  connection c(loop, std::move(from), {}, memory);
  while (auto event = co_await c.next_event()) {
    const auto* request = std::get_if<http1::request>(&*event);
    if (request == nullptr) continue;
    if (request->head->method == "POST") {
      auto first = co_await co::when_any(echo(c), co::sleep_for(drywire::seconds(60)));
      if (first.index() == 1) co_return;  // too slow: the connection is dropped
    } else {
      const auto hello = drywire::text_bytes("hello\n");
      static_cast<void>(c.call().respond(200, {{"Content-Type", "text/plain"}}, hello));
    }
  }
}

co::task<void> accept_all(drywire::backend& loop, co::listener& from, co::scope& connections,
                          drywire::storage& memory) {
  while (auto accepted = co_await from.accept()) {
    connections.spawn(serve(loop, std::move(*accepted), memory), co::on_failure::forget);
  }
}

// Ends everything at a signal: each task is cancelled where it waits, and its connection dropped.
class ending final : public drywire::signal_handler {
 public:
  ending(co::listener& from, co::scope& tasks) : from_(from), tasks_(tasks) {}
  void on_signal(int) noexcept override {
    from_.close();
    tasks_.cancel();
  }

 private:
  co::listener& from_;
  co::scope& tasks_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto loop = drywire::make_backend("native");  // or "asio", or "uv"
  const auto where = drywire::endpoint::parse(argc > 1 ? argv[1] : "8080");
  if (!loop || !where) return 1;
  drywire::pool_storage memory(http1::server::block_bytes, 10'000);
  co::listener listener(*loop);
  co::scope tasks(*loop);
  ending at_signal(listener, tasks);

  const auto address = listener.listen(*where);
  if (!address || loop->handle_signal(SIGTERM, at_signal)) return 1;
  std::printf("listening on %s\n", address->to_string().c_str());
  std::fflush(stdout);
  tasks.spawn(accept_all(*loop, listener, tasks, memory));
  const drywire::error failure = loop->run();
  loop->remove_signal(SIGTERM);
  return failure ? 1 : 0;
}
