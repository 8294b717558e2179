// Two hosts of a simulated network, used by their calls alone: no loop turns.
#pragma once

#include <drywire/sim/network.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace drywire::test {

struct joined_sockets {
  descriptor client;
  descriptor server;
};

struct two_hosts {
  explicit two_hosts(const sim::network_options& options = {}) : net(options) {}

  /// Lets all that is on its way arrive, for at most that long. Returns how long it took.
  duration settle(duration at_most = seconds(3600)) {
    const instant begin = time();
    while (net.deliver_next(begin + at_most)) last = time();
    return last - begin;
  }
  template <class Condition>
  bool wait_until(Condition holds, duration at_most = seconds(3600)) {
    const instant until = time() + at_most;
    while (!holds() && net.deliver_next(until)) continue;
    return holds();
  }
  [[nodiscard]] instant time() const { return net.clocks().steady; }

  [[nodiscard]] descriptor listen(int backlog = 16) {
    auto made = b.listen(b.v4(80), {.backlog = backlog});
    REQUIRE(made);
    return std::move(*made);
  }
  [[nodiscard]] descriptor connect() {
    auto begun = a.connect(b.v4(80));
    REQUIRE(begun);
    return std::move(*begun);
  }
  [[nodiscard]] joined_sockets join() {
    const descriptor listening = listen();
    descriptor client = connect();
    REQUIRE(wait_until([&] { return a.is_writable(client.get()); }));
    auto taken = b.accept(listening.get());
    REQUIRE(taken);
    return {std::move(client), std::move(taken->fd)};
  }

  [[nodiscard]] static result<std::size_t> send(sim::host& from, const descriptor& fd,
                                                std::string_view bytes) {
    const const_bytes piece = text_bytes(bytes);
    return from.send(fd.get(), {&piece, 1});
  }
  /// All that is there; "EAGAIN" and its like behind it, or "FIN".
  [[nodiscard]] static std::string receive(sim::host& at, const descriptor& fd) {
    std::string text;
    char some[4096];
    while (true) {
      const auto got = at.receive(fd.get(), std::as_writable_bytes(std::span(some)));
      if (!got) return text + std::string(got.error().name());
      if (*got == 0) return text + "FIN";
      text.append(some, *got);
    }
  }

  sim::network net;
  sim::host& a = net.add_host();
  sim::host& b = net.add_host();
  instant last = time();
};

}  // namespace drywire::test
