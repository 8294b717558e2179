// The client in a simulated network: slow servers against each timeout in virtual time, and our own
// server under faults by seed.
#include "http_client_fixture.hpp"

#include <drywire/adapters/http_server.hpp>
#include <drywire/sim/sim.hpp>

#include <deque>
#include <memory>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

// Says its text a byte at a time, or at once; hears or doesn't.
struct scripted_server final : accept_handler {
  struct session final : stream_handler, timer {
    session(scripted_server& s, stream& t) : server(s), transport(&t) {}
    ~session() override {
      if (transport == nullptr) return;
      transport->set_handler(stream::ignoring_handler());
      transport->abort();
    }
    void on_data(stream&, lent_buffer&) noexcept override {
      if (started || server.text.empty()) return;
      started = true;
      on_timer();
    }
    void on_eof(stream& s) noexcept override { s.close(seconds(1)); }
    void on_closed(stream&, error) noexcept override {
      transport = nullptr;
      timer::cancel();
    }
    void on_timer() noexcept override {
      const bool slow = server.between != duration();
      const std::string_view left = std::string_view(server.text).substr(said);
      const const_bytes piece = text_bytes(left.substr(0, slow ? 1 : left.size()));
      said += transport->write({&piece, 1});
      if (said < server.text.size()) {
        server.loop.core().arm(*this, server.loop.time().steady + server.between);
      }
    }
    scripted_server& server;
    stream* transport;
    bool started = false;
    std::size_t said = 0;
  };

  scripted_server(backend& l, const endpoint& where) : loop(l) { REQUIRE(l.listen(where, *this)); }
  void on_accept(listener&, stream& s) noexcept override {
    s.set_handler(sessions.emplace_back(*this, s));
    if (deaf) s.pause_reading();
  }

  backend& loop;
  std::string text;
  duration between;
  bool deaf = false;
  std::deque<session> sessions;
};

struct sim_fixture {
  explicit sim_fixture(const http_client_options& options = {}) : client(*here, options) {}

  http_outcome outcome_of(http_request request) {
    recorded_call c;
    request.url = url;
    const instant begin = net.clocks().steady;
    c.handle = client.start(std::move(request), c);
    while (!c.ended && net.clocks().steady - begin < seconds(1000)) {
      net.run_for(milliseconds(100));
    }
    took = net.clocks().steady - begin;
    REQUIRE(c.ended);
    return c.outcome;
  }
  // Whether it took that long, to the fifth of a second.
  [[nodiscard]] bool took_about(duration d) const {
    return took >= d && took < nanoseconds(d.nanoseconds + 200'000'000);
  }

  sim::network net;
  sim::host& server_host = net.add_host();
  sim::host& client_host = net.add_host();
  std::unique_ptr<backend> there = sim::make_sim(server_host);
  std::unique_ptr<backend> here = sim::make_sim(client_host);
  scripted_server server{*there, server_host.v4(80)};
  std::string url = "http://" + server_host.v4(80).to_string() + "/";
  http_client client;
  duration took;
};

struct numbers final : owned_body_source {
  result pull(mutable_bytes to) noexcept override {
    const std::size_t n = std::min(to.size(), left);
    std::ranges::fill(to.first(n), std::byte{'n'});
    left -= n;
    return {n, left == 0 ? state::end : state::more};
  }
  bool rewind() noexcept override {
    left = size;
    return true;
  }
  static constexpr std::size_t size = 300'000;
  std::size_t left = size;
};

}  // namespace

TEST_CASE("a server that can't be reached: connect_timeout") {
  sim_fixture f;
  f.server_host.vanish();
  CHECK(f.outcome_of({}).end == http_end::connect_timeout);
  CHECK(f.took_about(seconds(10)));
}

TEST_CASE("a server that says nothing: response_timeout") {
  sim_fixture f;
  CHECK(f.outcome_of({}).fault == http1::fault::response_timeout);
  CHECK(f.took_about(seconds(60)));
}

TEST_CASE("a server that trickles its head: head_timeout") {
  sim_fixture f;
  f.server.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  f.server.between = seconds(1);
  CHECK(f.outcome_of({}).fault == http1::fault::head_timeout);
  CHECK(f.took_about(seconds(10)));
}

TEST_CASE("a server that stops in its body: body_timeout") {
  sim_fixture f;
  f.server.text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi";
  CHECK(f.outcome_of({}).fault == http1::fault::body_timeout);
  CHECK(f.took_about(seconds(30)));
}

TEST_CASE("a server that trickles its body: the call's own timeout") {
  sim_fixture f;
  f.server.text = "HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x');
  f.server.between = milliseconds(100);
  CHECK(f.outcome_of({.timeout = seconds(5)}).end == http_end::call_timeout);
  CHECK(f.took_about(seconds(5)));
}

TEST_CASE("a server that doesn't read: write_timeout") {
  sim_fixture f;
  f.server.deaf = true;
  struct endless final : owned_body_source {
    result pull(mutable_bytes to) noexcept override { return {to.size(), state::more}; }
  };
  CHECK(f.outcome_of({.method = "PUT", .source = std::make_unique<endless>()}).fault ==
        http1::fault::write_timeout);
}

TEST_CASE("a server that doesn't know Expect gets the body after expect_timeout") {
  sim_fixture f;
  f.server.text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  CHECK(f.outcome_of({.method = "PUT", .fields = {{"Expect", "100-continue"}}, .body = "x"})
            .complete());
  CHECK(f.client.idle_connections() == 0);  // it answered before the body had come

  sim_fixture g;
  recorded_call c;
  g.client.start({.method = "PUT",
                  .url = g.url,
                  .fields = {{"Expect", "100-continue"}},
                  .body = "x",
                  .timeout = seconds(5)},
                 c);
  g.net.run_for(seconds(10));
  CHECK(c.outcome.end == http_end::call_timeout);
}

TEST_CASE("an idle connection ends after idle_timeout, and close() leaves nothing") {
  sim_fixture f;
  f.server.text = ok;
  CHECK(f.outcome_of({}).complete());
  f.net.run_for(seconds(29));
  CHECK(f.client.idle_connections() == 1);
  f.net.run_for(seconds(5));
  CHECK(f.client.connections() == 0);
  CHECK(f.outcome_of({}).complete());
  f.client.close();
  f.net.run_for(seconds(5));
  CHECK(f.client.connections() == 0);
  CHECK(f.net.connections() == 0);
}

namespace {

// What a seed does to sixty calls of five kinds: each ends, and a complete one is right.
// Returns how many were.
int run_seed(std::uint64_t seed) {
  int completes = 0;
  INFO("seed " << seed);
  sim::network net({.seed = seed, .faults = sim::fault_set::all()});
  sim::host& server_host = net.add_host();
  sim::host& client_host = net.add_host();
  const auto there = sim::make_sim(server_host);
  const auto here = sim::make_sim(client_host);
  http_server server(*there, [](exchange& x) {
    const std::string_view target = x.request().target;
    if (target == "/moved") {
      static_cast<void>(x.respond(307, {{"Location", "/echo"}}, "elsewhere"));
    } else if (target == "/last") {
      static_cast<void>(x.respond(200, {{"Connection", "close"}}, "bye"));
    } else {
      static_cast<void>(x.start(200));
      x.read_body([](exchange& y, const_bytes piece, bool last) {
        static_cast<void>(last ? y.finish() : y.send(piece));
      });
    }
  });
  if (!server.listen(server_host.v4(80))) return 0;
  const std::string origin = "http://" + server_host.v4(80).to_string();
  http_client client(*here, {.connections_per_origin_max = 3, .idle_connections_max = 2});
  std::deque<recorded_call> calls(60);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const bool moved = i % 5 == 1;
    const std::string url = origin + (moved ? "/moved" : i % 5 == 2 ? "/last" : "/echo");
    http_request r{.method = i % 5 < 3 ? "PUT" : "GET", .url = url, .redirects_max = 2};
    r.timeout = seconds(300);
    if (i % 5 == 0) {
      r.source = std::make_unique<numbers>();
    } else if (i % 5 < 3) {
      r.body = "some";
    }
    calls[i].handle = client.start(std::move(r), calls[i]);
    if (i % 5 == 4 && i % 2 == 0) {
      net.run_for(milliseconds(3));
      if (calls[i].handle) static_cast<void>(calls[i].handle->cancel());
    }
    if (i % 7 == 0) net.run_for(seconds(5));
  }
  net.run_for(seconds(400));
  for (std::size_t i = 0; i < calls.size(); ++i) {
    INFO("call " << i);
    CHECK(calls[i].ended);
    // A response may be the server's to a request that was cut: 408, say.
    const bool answered = std::ranges::find(calls[i].told, "head 200") != calls[i].told.end();
    if (!calls[i].outcome.complete() || !answered) continue;
    ++completes;
    const auto body = std::ranges::find_if(
        calls[i].told, [](const std::string& line) { return line.starts_with("body "); });
    const std::string got = body == calls[i].told.end() ? "" : body->substr(5);
    const std::string wanted = i % 5 == 0   ? std::string(numbers::size, 'n')
                               : i % 5 == 1 ? "some"
                               : i % 5 == 2 ? "bye"
                                            : "";
    CHECK((got == wanted));
  }
  client.close();
  server.drain();
  net.run_for(seconds(400));
  CHECK(client.connections() == 0);
  CHECK(client.waiting() == 0);
  return completes;
}

}  // namespace

TEST_CASE("under faults each call ends, right or with its reason, and nothing is left") {
  int completes = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) completes += run_seed(seed);
  CHECK(completes > 40 * 20);
}
