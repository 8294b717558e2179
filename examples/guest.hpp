// What the guests of the examples share: an HTTP server on a loop that is attached to a host. At
// SIGTERM it leaves; the host stays, ticks three times more, and has nothing left to run for.
#pragma once

#include <drywire/adapters/http_server.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

class guest final : private drywire::signal_handler {
 public:
  /// Listens at `where`, or ends the program. `leaving` is called when the loop has left its host,
  /// and is about to be destroyed.
  guest(std::unique_ptr<drywire::backend> loop, const char* where,
        std::function<void()> leaving = {})
      : loop_(std::move(loop)), leaving_(std::move(leaving)) {
    if (loop_ != nullptr) server_.emplace(*loop_, greet);
    const auto address = drywire::endpoint::parse(where);
    const auto listening = server_ && address ? server_->listen(*address) : drywire::error(EINVAL);
    if (!listening || loop_->handle_signal(SIGTERM, *this)) std::exit(1);
    std::printf("listening on %s\n", listening->to_string().c_str());
    std::fflush(stdout);
  }

  [[nodiscard]] bool gone() const noexcept { return loop_ == nullptr; }

  /// What the host's own timer does. False when it should stop.
  bool tick() {
    if (!gone()) return true;
    std::printf("the host ticks on: %d\n", ++ticks_alone_);
    return ticks_alone_ != 3;
  }

 private:
  static void greet(drywire::exchange& x) {
    if (x.request().method == "POST") {
      x.collect_body(1 << 20, [](drywire::exchange& y, drywire::const_bytes body) {
        static_cast<void>(y.respond(200, {}, drywire::as_text(body)));
      });
    } else {
      static_cast<void>(x.respond(200, {{"Content-Type", "text/plain"}}, "hello\n"));
    }
  }

  // Connections that are open are reset; http_server::drain() would let them finish before.
  void on_signal(int) noexcept override {
    loop_->detach([this] {
      std::puts("detached");
      if (leaving_) leaving_();
      server_.reset();
      loop_.reset();
    });
  }

  std::unique_ptr<drywire::backend> loop_;
  std::optional<drywire::http_server> server_;
  std::function<void()> leaving_;
  int ticks_alone_ = 0;
};
