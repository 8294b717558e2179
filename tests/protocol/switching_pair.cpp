// A client and a server joined in memory, through a switch and behind it.
#include "switching_fixture.hpp"

#include <drywire/testkit/pair.hpp>

using namespace switching_test;

namespace {

struct world {
  template <class Machine>
  struct caller {
    std::function<void(const typename Machine::event&)>& call;
    void operator()(Machine&, const typename Machine::event& e) const {
      if (call) call(e);
    }
  };

  static std::string received(const testkit::trace& events) {
    std::string all;
    for (const testkit::trace_entry& e : events.entries()) {
      if (e.is_piece && e.name == "data") all += e.bytes;
    }
    return all;
  }

  struct tunnel_maker {
    storage& memory;
    tunnel::connection operator()(const auto&) const { return tunnel::connection(memory); }
  };

  errc ask(std::string_view method) {
    if (method == "CONNECT") return client.first()->send_request("CONNECT", "a:1", {});
    return client.first()->send_request(method, "/", {host, echo});
  }

  std::function<void(const client_machine::event&)> client_does;
  std::function<void(const server_machine::event&)> server_does;
  testkit::heap_storage memory{http1::client::block_bytes};
  client_machine client{tunnel_maker{memory}, memory};
  server_machine server{tunnel_maker{memory}, memory};
  testkit::pair<client_machine, caller<client_machine>, server_machine, caller<server_machine>>
      joined{client, {client_does}, server, {server_does}};
};

bool is_request_end(const server_machine::event& e) {
  const auto* http = std::get_if<http1::server_event>(&e);
  return http != nullptr && std::holds_alternative<http1::request_end>(*http);
}

template <class Event>
bool is_end(const Event& e) {
  const auto* t = std::get_if<tunnel::event>(&e);
  return t != nullptr && std::holds_alternative<tunnel::end>(*t);
}

std::string letters(std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += static_cast<char>('a' + i % 26);
  return all;
}

}  // namespace

TEST_CASE("RFC 9110 7.8 and 9.3.6: both sides speak at once behind a switch, through any window") {
  const std::string up = letters(3000);
  const std::string down = letters(2000);
  for (const std::string_view method : {"GET", "CONNECT"}) {
    for (const std::size_t window : {1U, 7U, 100U, 65536U}) {
      INFO(method << ' ' << window);
      world w;
      w.joined.first.window = w.joined.second.window = window;
      w.joined.first.portion = w.joined.second.portion = window / 2 + 1;
      w.server_does = [&](const server_machine::event& e) {
        if (is_request_end(e)) CHECK(grant(w.server) == errc::ok);
        const auto* http = std::get_if<http1::server_event>(&e);
        if (http != nullptr && std::holds_alternative<http1::server_switched>(*http)) {
          CHECK(w.server.second()->send(text_bytes(down), lifetime::stable) == errc::ok);
        }
        if (is_end(e)) CHECK(w.server.second()->finish() == errc::ok);
      };
      w.client_does = [&](const client_machine::event& e) {
        const auto* http = std::get_if<http1::client_event>(&e);
        if (http == nullptr || !std::holds_alternative<http1::switched>(*http)) return;
        CHECK(w.client.second()->send(text_bytes(up)) == errc::ok);
        CHECK(w.client.second()->finish() == errc::ok);
      };
      CHECK(w.ask(method) == errc::ok);
      w.joined.settle();
      CHECK((world::received(w.joined.second.events()) == up));
      CHECK((world::received(w.joined.first.events()) == down));
      CHECK(w.joined.first.closed());
      CHECK(w.joined.second.closed());
      CHECK(w.memory.in_use() == 0);
    }
  }
}

TEST_CASE("a refusal is a response, and the connection goes on") {
  world w;
  int asked = 0;
  w.server_does = [&](const server_machine::event& e) {
    if (!is_request_end(e)) return;
    CHECK((++asked == 1 ? w.server.first()->respond(403) : grant(w.server)) == errc::ok);
  };
  w.client_does = [&](const client_machine::event& e) {
    const auto* http = std::get_if<http1::client_event>(&e);
    if (http != nullptr && std::holds_alternative<http1::exchange_over>(*http)) {
      CHECK(w.ask("GET") == errc::ok);
    }
  };
  CHECK(w.ask("GET") == errc::ok);
  w.joined.settle();
  CHECK(asked == 2);
  CHECK(w.client.second() != nullptr);
  CHECK(w.server.second() != nullptr);
}

TEST_CASE("RFC 9110 9.3.6: a refused CONNECT ends the connection") {
  world w;
  w.server_does = [&](const server_machine::event& e) {
    if (is_request_end(e)) CHECK(w.server.first()->respond(502) == errc::ok);
  };
  CHECK(w.ask("CONNECT") == errc::ok);
  w.joined.settle();
  CHECK(w.joined.first.events().lines().back() == "response end connection=\"ends\"");
  CHECK(w.joined.first.closed());
  CHECK(w.joined.second.closed());
}

TEST_CASE("a tunnel that nobody speaks in is closed by the side that tires first") {
  world w;
  w.server_does = [&](const server_machine::event& e) {
    if (is_request_end(e)) CHECK(grant(w.server) == errc::ok);
    if (is_end(e)) CHECK(w.server.second()->finish() == errc::ok);
  };
  CHECK(w.ask("GET") == errc::ok);
  w.joined.pass(seconds(599));
  CHECK(!w.joined.first.closed());
  w.joined.pass(seconds(2));
  CHECK(w.joined.first.closed());
  CHECK(w.joined.second.closed());
  CHECK(w.memory.in_use() == 0);
}

TEST_CASE("a peer that stops reading behind a switch is reset in time") {
  world w;
  w.joined.first.window = 10;
  w.joined.first.reading = false;
  w.server_does = [&](const server_machine::event& e) {
    if (is_request_end(e)) CHECK(grant(w.server) == errc::ok);
  };
  CHECK(w.ask("GET") == errc::ok);
  w.joined.pass(seconds(31));
  CHECK(w.joined.second.closed());
  CHECK(w.joined.second.events().lines().back() == "peer error what=\"connection lost\"");
  w.joined.first.reading = true;
  w.joined.settle();
  CHECK(w.joined.first.events().lines().back() == "transport failed");
}
