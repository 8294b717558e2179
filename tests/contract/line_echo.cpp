// A protocol on each loop of this build, through the driver: the same bytes come back from all.
#include <drywire/adapters/driver.hpp>
#include <drywire/adapters/pool_storage.hpp>
#include <drywire/backends/make_backend.hpp>
#include <drywire/contract/fixture.hpp>
#include <drywire/contract/process.hpp>
#include <drywire/protocol/line.hpp>

#include <catch2/catch_test_macros.hpp>

#include <list>
#include <string>

using namespace drywire;
using namespace drywire::contract;

namespace {

// Says every line back, and ends with its peer.
struct echo {
  echo(loop_core& core, pool_storage& memory, stream& transport)
      : machine(core, transport, *this, driver_options{}, memory) {}

  void on_event(line::event& event) noexcept {
    if (const auto* text = std::get_if<line::text>(&event)) {
      CHECK(machine.call().send(text->bytes) == errc::ok);
    } else if (std::holds_alternative<line::end>(event)) {
      CHECK(machine.call().finish() == errc::ok);
    } else {
      ++faults;
    }
  }
  void on_closed(error why) noexcept {
    ++closes;
    reason = why;
  }

  int faults = 0;
  int closes = 0;
  error reason;
  driver<line::connection, echo> machine;
};

struct echo_server final : accept_handler {
  echo_server(fixture& runs_on, pool_storage& blocks) : on(runs_on), memory(blocks) {
    const auto listening = on.loop().listen(endpoint::loopback_v4(0), *this);
    REQUIRE(listening);
    to = *listening;
  }
  void on_accept(listener&, stream& s) noexcept override {
    streams.emplace_back(on.core(), memory, s);
  }
  void on_listener_closed(listener&) noexcept override { to = nullptr; }

  fixture& on;
  pool_storage& memory;
  std::list<echo> streams;
  listener* to = nullptr;
};

// What `bytes`, in pieces of `piece` bytes and then a FIN, gives back.
std::string answer_to(fixture& on, echo_server& server, std::string_view bytes, std::size_t piece) {
  raw_peer peer(server.to->local());
  bool ended = false;
  on.run_until([&] {
    bytes.remove_prefix(peer.write_some(bytes.substr(0, piece)));
    if (bytes.empty() && !std::exchange(ended, true)) peer.fin();
    peer.read();
    return peer.ended();
  });
  CHECK(peer.eof);
  return peer.received;
}

template <class Body>
void on_each_loop(Body body) {
  for (const std::string_view name : backend_names()) {
    DYNAMIC_SECTION(name) {
      const loop_under_test tested{std::string(name), [name] { return make_backend(name); }};
      (void)tested.make();  // what a loop opens once for the whole process isn't a leak
      const std::vector<int> before = open_descriptors();
      {
        fixture on(tested);
        pool_storage memory(4096, 64);
        echo_server server(on, memory);
        body(on, server);
        server.to->close();
        on.run_until([&] { return server.to == nullptr; });
        on.tear_down();
      }
      CHECK(open_descriptors() == before);
    }
  }
}

}  // namespace

TEST_CASE("lines come back from every loop, whole or byte by byte") {
  on_each_loop([](fixture& on, echo_server& server) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
      CHECK(answer_to(on, server, "one\r\ntwo\n\nthree\n", piece) == "one\ntwo\n\nthree\n");
    }
    on.run_until([&] { return server.streams.back().closes == 1; });
    for (const echo& each : server.streams) {
      CHECK(each.closes == 1);
      CHECK(each.reason == error());
      CHECK(each.faults == 0);
    }
  });
}

TEST_CASE("a long conversation comes back from every loop, in order") {
  on_each_loop([](fixture& on, echo_server& server) {
    std::string lines;
    for (int i = 0; i != 10'000; ++i) lines += "line " + std::to_string(i) + "\n";
    CHECK(answer_to(on, server, lines, 1000) == lines);
    on.run_until([&] { return server.streams.back().closes == 1; });
    CHECK(server.streams.back().faults == 0);
  });
}

TEST_CASE("a broken line ends its connection on every loop, and no other") {
  on_each_loop([](fixture& on, echo_server& server) {
    CHECK(answer_to(on, server, std::string_view("good\nb\0d\n", 9), 1000).substr(0, 5) ==
          "good\n");
    CHECK(answer_to(on, server, "fine\n", 1000) == "fine\n");
    on.run_until([&] { return server.streams.back().closes == 1; });
    CHECK(server.streams.front().faults == 1);
    CHECK(server.streams.back().faults == 0);
  });
}
