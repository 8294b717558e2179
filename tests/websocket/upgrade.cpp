// From HTTP/1.1 to WebSocket inside one machine, on both sides.

#include "wire.hpp"

#include <drywire/deflate/deflater.hpp>
#include <drywire/protocol/http1_client.hpp>
#include <drywire/protocol/http1_server.hpp>
#include <drywire/protocol/switching.hpp>
#include <drywire/testkit/pair.hpp>
#include <drywire/testkit/storage.hpp>
#include <drywire/websocket/connection.hpp>
#include <drywire/websocket/handshake.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace drywire;
using namespace websocket_test;
using websocket::kind;
using websocket::role;

namespace {

using server_machine = switching<http1::server, websocket::connection>;
using client_machine = switching<http1::client, websocket::connection>;
using lines = std::vector<std::string>;

constexpr std::string_view asking =
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view granted = "HTTP/1.1 101 Switching Protocols\r\n";

bool is_request_end(const server_machine::event& e) {
  const auto* http = std::get_if<http1::server_event>(&e);
  return http != nullptr && std::holds_alternative<http1::request_end>(*http);
}

template <class Event>
const websocket::message* as_message(const Event& e) {
  const auto* socket = std::get_if<websocket::event>(&e);
  return socket == nullptr ? nullptr : std::get_if<websocket::message>(socket);
}

// A server, and its driver in one hand: bytes in, names of events out.
struct upgrading_server {
  lines receive(std::string_view bytes = {}) {
    kept += bytes;
    const auto lent = std::make_unique<std::byte[]>(kept.size());
    const mutable_bytes span(lent.get(), kept.size());
    std::ranges::copy(text_bytes(kept), span.begin());
    lines told;
    auto cursor = machine.receive(span);
    while (const auto e = cursor.next()) {
      testkit::trace trace;
      normalise(*e, trace);
      for (const auto& entry : trace.entries()) {
        told.push_back(entry.is_piece ? entry.name + ' ' + entry.bytes : entry.name);
      }
      react(*e);
    }
    kept.assign(as_text(cursor.remaining()));
    CHECK(machine.retain_output() == errc::ok);
    std::ranges::fill(span, std::byte{0xDD});
    return told;
  }

  void react(const server_machine::event& e) {
    if (const auto* m = as_message(e)) {
      CHECK(machine.second()->send(m->kind, m->bytes, lifetime::lent) == errc::ok);
    }
    const auto* http = std::get_if<http1::server_event>(&e);
    if (http == nullptr) return;
    if (const auto* r = std::get_if<http1::request>(http)) {
      wants = websocket::asks_for_websocket(*r->head);
      CHECK((!wants || !websocket::check_request(*r->head)));
      if (wants) response = std::make_unique<websocket::handshake_response>(*r->head, "", none);
    }
    if (!is_request_end(e)) return;
    if (!wants || !grants) {
      CHECK(machine.first()->respond(wants ? 403 : 200, {}, text_bytes("http")) == errc::ok);
    } else {
      CHECK(machine.first()->switch_protocols(response->fields()) == errc::ok);
    }
  }

  std::string output() {
    std::string all;
    while (true) {
      const output_view view = machine.output(100'000);
      if (view.empty()) return all;
      ++writes;
      for (const const_bytes piece : view.pieces) all += as_text(piece);
      machine.consume_output(view.size());
    }
  }

  static constexpr std::optional<websocket::deflate_parameters> none{};
  bool grants = true;
  bool wants = false;
  int writes = 0;
  std::unique_ptr<websocket::handshake_response> response;
  testkit::heap_storage memory{http1::server::block_bytes};
  server_machine machine{
      [this](const auto&) { return websocket::connection(role::server, memory); }, memory};
  std::string kept;
};

}  // namespace

TEST_CASE("websocket upgrade: bytes right behind the request arrive",
          "[rfc6455-4.1][rfc6455-4.2.2]") {
  const std::string behind = up(text, "early") + up(ping, "p") + up(text_begin, "par");
  const std::string all = std::string(asking) + behind;
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    CAPTURE(cut);
    upgrading_server s;
    lines told = s.receive(all.substr(0, cut));
    for (const std::string& line : s.receive(all.substr(cut))) told.push_back(line);
    for (const std::string& line : s.receive(up(last, "ts"))) told.push_back(line);
    std::string joined;
    for (const std::string& line : told) joined += line + ';';
    const bool cut_early = joined.find("bytes early;") == std::string::npos;
    const bool cut_late = joined.find("bytes par;") == std::string::npos;
    CHECK((cut_early || cut_late ||
           joined ==
               "request;request end;switched;text;bytes early;message end;ping;text;bytes par;"
               "bytes ts;message end;"));
    const std::string out = s.output();
    CHECK(out.starts_with(granted));
    CHECK(out.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != out.npos);
    CHECK(s.machine.first() == nullptr);
    CHECK(s.kept.empty());
  }
}

TEST_CASE("websocket upgrade: the 101 and what HTTP had queued leave first, and with it") {
  upgrading_server s;
  CHECK(s.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n").size() == 2);
  s.receive(std::string(asking) + up(text, "echo"));
  const std::string out = s.output();
  const std::size_t first = out.find("HTTP/1.1 200 OK\r\n");
  const std::size_t second = out.find(granted);
  REQUIRE(first == 0);
  REQUIRE(second != out.npos);
  CHECK(first < second);
  CHECK(out.ends_with("\r\n\r\n" + down(text, "echo")));
  CHECK(s.writes == 1);
}

TEST_CASE("websocket upgrade: a refusal carries on as HTTP", "[rfc6455-4.2.2]") {
  upgrading_server s;
  s.grants = false;
  CHECK(s.receive(asking).size() == 2);
  CHECK(s.output().starts_with("HTTP/1.1 403 "));
  CHECK(s.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n").size() == 2);
  CHECK(s.output().starts_with("HTTP/1.1 200 "));
  s.grants = true;
  CHECK(s.receive(std::string(asking) + up(text, "x")).size() == 6);
  const std::string out = s.output();
  CHECK(out.starts_with(granted));
  CHECK(out.ends_with(down(text, "x")));
}

namespace {

// Both sides joined: the client asks, the server grants or refuses.
struct world {
  template <class Machine>
  struct caller {
    std::function<void(const typename Machine::event&)>& call;
    void operator()(Machine&, const typename Machine::event& e) const {
      if (call) call(e);
    }
  };

  struct server_maker {
    world& w;
    websocket::connection operator()(const http1::server_switched&) const {
      return websocket::connection(role::server, w.memory, {}, w.tools_with(w.agreed_by_server));
    }
  };
  struct client_maker {
    world& w;
    websocket::connection operator()(const http1::switched& s) const {
      websocket::handshake_request::agreement to;
      CHECK(!w.request.check_response(*s.head, to));
      w.agreed_by_client = to.deflate;
      return websocket::connection(role::client, w.memory, {}, w.tools_with(to.deflate));
    }
  };

  websocket::tools tools_with(const std::optional<websocket::deflate_parameters>& deflate) {
    websocket::tools t;
    t.keys = &keys;
    t.deflate = deflate;
    t.compression = wanted;
    t.deflate_memory = &deflate_memory;
    return t;
  }

  void ask() {
    std::vector<http1::field> fields{{"Host", "a"}};
    for (const http1::field& f : request.fields()) fields.push_back(f);
    CHECK(client.first()->send_request("GET", "/", fields) == errc::ok);
  }

  // Grants what it is asked, and echoes what comes.
  void serve(const server_machine::event& e) {
    if (const auto* m = as_message(e)) {
      if (m->first) CHECK(server.second()->start_message(m->kind) == errc::ok);
      CHECK(server.second()->send_piece(m->bytes, lifetime::lent) == errc::ok);
      if (m->last) CHECK(server.second()->finish_message() == errc::ok);
    }
    const auto* http = std::get_if<http1::server_event>(&e);
    if (http == nullptr) return;
    if (const auto* r = std::get_if<http1::request>(http)) {
      CHECK(!websocket::check_request(*r->head));
      agreed_by_server = websocket::choose_deflate(*r->head, wanted);
      response = std::make_unique<websocket::handshake_response>(*r->head, "", agreed_by_server);
    }
    if (is_request_end(e)) CHECK(server.first()->switch_protocols(response->fields()) == errc::ok);
  }

  websocket::compression wanted{};
  same_key keys;
  websocket::handshake_request request{keys, {}, &wanted};
  std::unique_ptr<websocket::handshake_response> response;
  std::optional<websocket::deflate_parameters> agreed_by_server;
  std::optional<websocket::deflate_parameters> agreed_by_client;
  std::function<void(const client_machine::event&)> client_does;
  std::function<void(const server_machine::event&)> server_does{
      [this](const auto& e) { serve(e); }};
  testkit::heap_storage memory{http1::client::block_bytes};
  testkit::heap_storage deflate_memory{deflate::deflate_block_bytes()};
  client_machine client{client_maker{*this}, memory};
  server_machine server{server_maker{*this}, memory};
  testkit::pair<client_machine, caller<client_machine>, server_machine, caller<server_machine>>
      joined{client, {client_does}, server, {server_does}};
};

}  // namespace

TEST_CASE("websocket upgrade: both sides, through any window, to a Close and the end",
          "[rfc6455-7.1.1]") {
  for (const std::size_t window : {1U, 7U, 100U, 65536U}) {
    CAPTURE(window);
    world w;
    w.joined.first.window = w.joined.second.window = window;
    w.joined.first.portion = w.joined.second.portion = window / 2 + 1;
    std::string got;
    const std::string sent(3000, 'm');
    w.client_does = [&](const client_machine::event& e) {
      const auto* http = std::get_if<http1::client_event>(&e);
      if (http != nullptr && std::holds_alternative<http1::switched>(*http)) {
        CHECK(w.client.second()->send(kind::text, text_bytes(sent)) == errc::ok);
      }
      if (const auto* m = as_message(e)) {
        got += as_text(m->bytes);
        if (m->last) CHECK(w.client.second()->close() == errc::ok);
      }
    };
    w.ask();
    w.joined.settle();
    CHECK(got == sent);
    REQUIRE(w.agreed_by_client);
    CHECK(w.agreed_by_client == w.agreed_by_server);
    CHECK(w.joined.first.events().entries().back().name == "closed");
    CHECK(w.joined.second.events().entries().back().name == "closed");
    CHECK(w.joined.first.closed());
    CHECK(w.joined.second.closed());
    CHECK(w.memory.in_use() == 0);
    CHECK(w.deflate_memory.in_use() == 0);
  }
}

TEST_CASE("websocket upgrade: a client reads what is right behind the 101", "[rfc6455-4.1]") {
  // The key is of the bytes of same_key.
  const std::string head = std::string(granted) +
                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Accept: RzB50isXha8EoaLAN2OmXyBkqvk=\r\n\r\n";
  const std::string all = head + down(text, "early") + down(ping, "p") + down(text_begin, "par");
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    CAPTURE(cut);
    world w;
    w.ask();
    while (!w.client.output(100'000).empty()) {
      w.client.consume_output(w.client.output(100'000).size());
    }
    testkit::trace told;
    std::string kept;
    for (const std::string& part : {all.substr(0, cut), all.substr(cut)}) {
      kept += part;
      std::string lent = kept;
      auto cursor = w.client.receive(std::as_writable_bytes(std::span(lent)));
      while (const auto e = cursor.next()) normalise(*e, told);
      kept.assign(as_text(cursor.remaining()));
      CHECK(w.client.retain_output() == errc::ok);
    }
    CHECK(kept.empty());
    const auto& entries = told.entries();
    REQUIRE(entries.size() == 7);
    CHECK(entries[0].name == "switched");
    CHECK(entries[2].bytes == "early");
    CHECK(entries[4].name == "ping");
    CHECK(entries[6].bytes == "par");
    REQUIRE(w.client.output(100).pieces.size() == 1);
    CHECK(as_text(w.client.output(100).pieces[0]) == up(pong, "p"));
  }
}

TEST_CASE("websocket upgrade: a client that is refused carries on as HTTP", "[rfc6455-4.1]") {
  world w;
  std::vector<unsigned> statuses;
  w.server_does = [&](const server_machine::event& e) {
    if (is_request_end(e)) CHECK(w.server.first()->respond(403) == errc::ok);
  };
  w.client_does = [&](const client_machine::event& e) {
    const auto* http = std::get_if<http1::client_event>(&e);
    REQUIRE(http != nullptr);
    const auto* r = std::get_if<http1::response>(http);
    if (r != nullptr) statuses.push_back(r->head->status);
  };
  w.ask();
  w.joined.settle();
  REQUIRE(w.client.first() != nullptr);
  CHECK(w.client.apply(client_machine::command(websocket::command(websocket::wish::send{}))) ==
        errc::out_of_turn);
  CHECK(w.client.first()->send_request("GET", "/", {{"Host", "a"}}) == errc::ok);
  w.joined.settle();
  CHECK(statuses == std::vector<unsigned>{403, 403});
}
