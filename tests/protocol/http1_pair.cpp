// A client and a server joined in memory: whole bodies both ways, through windows of any size, and
// under a clock.
#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/testkit/pair.hpp>
#include <drywire/testkit/storage.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace drywire;
using namespace http1;

namespace {

constexpr field host{"Host", "a"};

struct world {
  explicit world(const client_limits& l = {}) : client(memory, l) {}

  std::size_t count(std::string_view name, std::string_view detail = {}) const {
    std::size_t n = 0;
    for (const testkit::trace_entry& e : joined.first.events().entries()) {
      if (e.name == name && (detail.empty() || e.details.at(0).second == detail)) ++n;
    }
    return n;
  }
  std::string received() const {
    std::string all;
    for (const testkit::trace_entry& e : joined.first.events().entries()) {
      if (e.is_piece) all += e.bytes;
    }
    return all;
  }
  std::string last() const { return joined.first.events().lines().back(); }

  using on_client = std::function<void(const client_event&)>;
  using on_server = std::function<void(const server_event&)>;

  struct to_client {
    on_client& call;
    void operator()(http1::client&, const client_event& e) const {
      if (call) call(e);
    }
  };
  struct to_server {
    on_server& call;
    void operator()(http1::server&, const server_event& e) const {
      if (call) call(e);
    }
  };

  on_client client_does;
  on_server server_does;
  testkit::heap_storage memory{http1::client::block_bytes};
  http1::client client;
  http1::server server{memory};
  testkit::pair<http1::client, to_client, http1::server, to_server> joined{
      client, to_client{client_does}, server, to_server{server_does}};
};

std::string letters(std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += static_cast<char>('a' + i % 26);
  return all;
}

// Echoes every body, chunked, with a trailer.
void echo(world& w) {
  w.server_does = [&w](const server_event& e) {
    errc done = errc::ok;
    if (const auto* r = std::get_if<request>(&e)) {
      if (r->head->expects_continue) CHECK(w.server.send_continue() == errc::ok);
      done = w.server.start_response(200);
    }
    if (const auto* b = std::get_if<body>(&e)) done = w.server.send(b->bytes, lifetime::lent);
    if (std::holds_alternative<request_end>(e)) done = w.server.finish({{"X", "y"}});
    CHECK(done == errc::ok);
  };
}

struct counting_source final : body_source {
  explicit counting_source(std::size_t n) : left(n) {}
  result pull(mutable_bytes to) noexcept override {
    const std::size_t size = std::min(left, to.size());
    std::fill_n(to.begin(), size, std::byte{'z'});
    left -= size;
    return {size, left == 0 ? state::end : state::more};
  }
  std::size_t left;
};

}  // namespace

TEST_CASE("client and server understand each other, through windows of any size") {
  const std::string text = letters(3000);
  for (const std::size_t window : {1U, 2U, 7U, 100U, 65536U}) {
    for (const std::size_t portion : {1U, 13U, 65536U}) {
      INFO(window << ' ' << portion);
      world w;
      echo(w);
      w.joined.first.window = w.joined.second.window = window;
      w.joined.first.portion = w.joined.second.portion = portion;
      int asked = 0;
      const auto ask = [&] {
        errc done = errc::ok;
        switch (asked++) {
          case 0: done = w.client.send_request("PUT", "/", {host}, text_bytes(text)); break;
          case 1:
            done = w.client.start_request("PUT", "/", {host});
            CHECK(w.client.send(text_bytes(text)) == errc::ok);
            CHECK(w.client.finish({{"T", "t"}}) == errc::ok);
            break;
          case 2:
            done = w.client.send_request("PUT", "/", {host, {"Expect", "100-continue"}},
                                         text_bytes(text), lifetime::stable);
            break;
          case 3: done = w.client.send_request("GET", "/", {host}); break;
          default: done = w.client.shut_down(); break;
        }
        CHECK(done == errc::ok);
      };
      w.client_does = [&](const client_event& e) {
        if (std::holds_alternative<exchange_over>(e)) ask();
      };
      ask();
      w.joined.settle();
      CHECK(asked == 5);
      CHECK((w.received() == text + text + text));
      CHECK(w.count("response", "200") == 4);
      CHECK(w.count("trailers", "y") == 4);
      CHECK(w.count("informational", "100") == 1);
      CHECK(w.joined.first.closed());
      CHECK(w.joined.second.closed());
      CHECK(w.memory.in_use() == 0);
    }
  }
}

TEST_CASE("eight requests are pipelined, and answered in order") {
  client_limits l;
  l.requests_max = 8;
  world w(l);
  w.server_does = [&w](const server_event& e) {
    if (!std::holds_alternative<request_end>(e)) return;
    CHECK(w.server.respond(200, {}, text_bytes(std::to_string(w.server.exchange()))) == errc::ok);
  };
  for (int i = 0; i < 8; ++i) {
    CHECK(w.client.send_request(i == 3 ? "HEAD" : "GET", "/", {host}) == errc::ok);
  }
  w.joined.first.window = 5;
  w.joined.settle();
  CHECK(w.received() == "1235678");
  CHECK(w.client.outstanding() == 0);
  CHECK(w.client.takes_request());
}

TEST_CASE("a megabyte is pulled at both ends, in a few blocks") {
  world w;
  counting_source up(1'000'000);
  counting_source down(1'000'000);
  std::size_t arrived = 0;
  w.server_does = [&](const server_event& e) {
    if (const auto* b = std::get_if<body>(&e)) arrived += b->bytes.size();
    if (!std::holds_alternative<request_end>(e)) return;
    CHECK(w.server.start_response(200, {}, 1'000'000) == errc::ok);
    CHECK(w.server.pull_from(down) == errc::ok);
  };
  CHECK(w.client.start_request("PUT", "/", {host}) == errc::ok);
  CHECK(w.client.pull_from(up) == errc::ok);
  w.joined.settle();
  CHECK(arrived == 1'000'000);
  CHECK(w.received().size() == 1'000'000);
  CHECK(w.client.takes_request());
  CHECK(w.memory.in_use_most() < 20);
}

TEST_CASE("a server that refuses early is understood while it doesn't read") {
  world w;
  w.server_does = [&](const server_event& e) {
    if (!std::holds_alternative<request>(e)) return;
    CHECK(w.server.respond(403, {}, text_bytes("no")) == errc::ok);
    w.joined.second.reading = false;
  };
  w.joined.second.window = 1000;
  CHECK(w.client.start_request("PUT", "/", {host}, 500'000) == errc::ok);
  CHECK(w.client.send(text_bytes(letters(500'000))) == errc::ok);
  w.joined.settle();
  CHECK(w.received() == "no");
  CHECK(w.last() == "response end connection=\"ends\"");
  CHECK(w.client.ending() == ending::close);
}

TEST_CASE("a server that never answers, or never reads, is left in time") {
  world silent;
  CHECK(silent.client.send_request("GET", "/", {host}) == errc::ok);
  silent.joined.pass(seconds(59));
  CHECK(silent.joined.first.events().lines().empty());
  silent.joined.pass(seconds(2));
  CHECK(silent.last() == "peer error what=\"response timeout\"");
  CHECK(silent.joined.first.closed());

  world deaf;
  deaf.joined.second.reading = false;
  deaf.joined.second.window = 10;
  CHECK(deaf.client.send_request("GET", "/", {host}) == errc::ok);
  deaf.joined.pass(seconds(31));
  CHECK(deaf.last() == "peer error what=\"write timeout\"");
}

TEST_CASE("a client that stops reading is left by the server, and hears of it") {
  world w;
  w.server_does = [&w](const server_event& e) {
    if (!std::holds_alternative<request_end>(e)) return;
    CHECK(w.server.respond(200, {}, text_bytes(letters(500'000))) == errc::ok);
  };
  w.joined.first.window = 1000;
  w.joined.first.reading = false;
  CHECK(w.client.send_request("GET", "/", {host}) == errc::ok);
  w.joined.pass(seconds(40));
  CHECK(w.joined.second.closed());
  w.joined.first.reading = true;
  w.joined.settle();
  CHECK(w.last() == "transport failed");
}

TEST_CASE("both sides leave an idle connection, the client first") {
  world w;
  w.server_does = [&w](const server_event& e) {
    if (std::holds_alternative<request_end>(e)) CHECK(w.server.respond(204) == errc::ok);
  };
  CHECK(w.client.send_request("GET", "/", {host}) == errc::ok);
  w.joined.pass(seconds(29));
  CHECK(!w.joined.first.closed());
  w.joined.pass(seconds(2));
  CHECK(w.last() == "peer error what=\"idle timeout\"");
  CHECK(w.joined.first.closed());
  CHECK(w.joined.second.closed());
  CHECK(w.memory.in_use() == 0);
}
