#include "serve.hpp"

#include "failure.hpp"
#include "site.hpp"

#include <drywire/adapters/http_server.hpp>
#include <drywire/adapters/http_trace.hpp>
#include <drywire/backends/make_backend.hpp>

#include <cinttypes>
#include <csignal>
#include <memory>

namespace drywire::tools {

namespace {

std::string text_of(error why) { return std::string(why.message()); }

class stopper final : public signal_handler {
 public:
  stopper(backend& loop, http_server& server) : loop_(loop), server_(server) {
    for (const int number : numbers) {
      if (const error e = loop.handle_signal(number, *this)) {
        throw failure("signal " + std::to_string(number) + ": " + text_of(e));
      }
    }
  }
  stopper(const stopper&) = delete;
  stopper& operator=(const stopper&) = delete;
  ~stopper() {
    for (const int number : numbers) loop_.remove_signal(number);
  }

  [[nodiscard]] bool cut_off() const noexcept { return count_ > 1; }

 private:
  static constexpr int numbers[] = {SIGTERM, SIGINT};

  void on_signal(int) noexcept override {
    if (++count_ == 1) {
      server_.drain();
    } else {
      loop_.stop();
    }
  }

  backend& loop_;
  http_server& server_;
  int count_ = 0;
};

std::unique_ptr<backend> make_loop(const std::string& name) {
  error why;
  auto loop = make_backend(name, &why);
  if (!loop) throw failure("loop '" + name + "': " + text_of(why));
  return loop;
}

void listen(http_server& server, const settings& wanted, std::FILE* out) {
  for (const endpoint& where : wanted.listen) {
    const auto address = server.listen(where);
    if (!address) throw failure("listen on " + where.to_string() + ": " + text_of(address.error()));
    std::fprintf(out, "listening on %s (%s)\n", address->to_string().c_str(), wanted.loop.c_str());
  }
  std::fflush(out);
}

bool serve_until_signal(const settings& wanted, http_trace* trace, std::FILE* out) {
  const auto loop = make_loop(wanted.loop);
  const site answers(*loop, wanted.root, wanted.log ? out : nullptr);
  http_server_options options = wanted.server;
  options.trace = trace;
  http_server server(
      *loop, [&answers](exchange& x) { answers.answer(x); }, options);
  // Signals first: who reads that we listen may send one at once.
  const stopper signals(*loop, server);
  listen(server, wanted, out);
  if (const error e = loop->run()) throw failure("loop '" + wanted.loop + "': " + text_of(e));
  return !signals.cut_off();
}

}  // namespace

int serve(const settings& wanted, bool trace, std::FILE* out) {
  http_trace seen;
  const bool complete = serve_until_signal(wanted, trace ? &seen : nullptr, out);
  if (trace) {
    std::fprintf(
        out, "trace %016" PRIx64 " connections %" PRIu64 " events %" PRIu64 " bytes %" PRIu64 "\n",
        seen.hash(), seen.connections(), seen.events(), seen.output_bytes());
    std::fflush(out);
  }
  return complete ? 0 : 1;
}

}  // namespace drywire::tools
