// A client's side of the opening handshake.
#include "handshake_fixture.hpp"

#include <drywire/protocol/switching.hpp>
#include <drywire/testkit/random.hpp>
#include <drywire/websocket/connection.hpp>

#include <array>
#include <set>
#include <vector>

namespace {

using namespace websocket_test;

TEST_CASE("a client sends the example of RFC 6455 1.3",
          "[rfc6455-4.1a][rfc6455-4.1n][rfc6455-4.1o][rfc6455-4.1p][rfc6455-4.1q][rfc6455-4.1r]"
          "[rfc6455-4.1s][rfc6455-4.1t][rfc6455-4.1u][rfc6455-4.1v][rfc6455-4.1y][rfc6455-4.1z]"
          "[rfc6455-11.3.1a][rfc6455-11.3.5a][client]") {
  const std::array<std::string_view, 2> protocols{"chat", "superchat"};
  asking a(protocols);
  CHECK(a.answer(response_text("Sec-WebSocket-Protocol: chat\r\n")) == std::nullopt);
  CHECK(a.protocol == "chat");
  CHECK(a.sent ==
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: chat, superchat\r\nConnection: upgrade\r\n\r\n");
}

class random_entropy final : public entropy {
 public:
  void fill(mutable_bytes to) noexcept override {
    for (std::byte& b : to) b = static_cast<std::byte>(source_.next());
    asked_for += to.size();
  }
  std::size_t asked_for = 0;

 private:
  testkit::random source_{7};
};

TEST_CASE("a key is 16 bytes of entropy, new for each connection",
          "[rfc6455-4.1v][rfc6455-4.1w][client]") {
  random_entropy random;
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    const websocket::handshake_request request(random, {}, nullptr);
    const auto key = value_in(request.fields(), "Sec-WebSocket-Key");
    REQUIRE(key);
    CHECK(key->size() == 24);
    CHECK(key->ends_with("=="));
    keys.insert(*key);
  }
  CHECK(keys.size() == 100);
  CHECK(random.asked_for == 1600);
}

TEST_CASE("subprotocols are offered in their order, each a token, none twice",
          "[rfc6455-4.1aa][client]") {
  using names = std::vector<std::string_view>;
  const auto offered = [](const names& protocols) {
    const asking a(protocols);
    return a.handshake.valid()
               ? value_in(a.handshake.fields(), "Sec-WebSocket-Protocol").value_or("none")
               : "invalid";
  };
  CHECK(offered({}) == "none");
  CHECK(offered({"b", "a", "A"}) == "b, a, A");
  CHECK(offered({"a", "b", "a"}) == "invalid");
  for (const std::string_view name :
       {"", " a", "a b", "a,b", "a/b", "\"a\"", "\xc3\xa4", "a\r\n"}) {
    CAPTURE(name);
    CHECK(offered({"b", name}) == "invalid");
  }
  const std::string most(websocket::handshake_request::protocol_bytes_max - 3, 'p');
  CHECK(offered({"q", most}) == "q, " + most);
  CHECK(offered({"qq", most}) == "invalid");
  CHECK(offered({"a", most + "pp", "b"}) == "invalid");
}

struct response_case {
  std::string text;
  std::optional<handshake_fault> wrong;
};

void check_all(const std::vector<response_case>& cases) {
  const std::array<std::string_view, 2> protocols{"chat", "v2"};
  for (const auto& [text, wrong] : cases) {
    CAPTURE(text);
    asking a(protocols);
    CHECK(a.answer(text) == wrong);
  }
}

TEST_CASE("only 101 is a handshake", "[rfc6455-4.1ac][rfc6455-4.1ai][client]") {
  check_all({{response_text(), std::nullopt},
             {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", handshake_fault::refused},
             {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", handshake_fault::refused},
             {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
              handshake_fault::refused}});
}

TEST_CASE("two clients may shake hands with one server at the same time",
          "[rfc6455-4.1d][rfc6455-4.1e][rfc6455-4.1f][client]") {
  asking one;
  asking other;
  one.send();
  other.send();
  CHECK(other.sent == one.sent);
  CHECK(other.answer(response_text()) == std::nullopt);
  CHECK(one.answer(response_text()) == std::nullopt);
}

TEST_CASE("nothing of WebSocket's leaves before the response", "[rfc6455-4.1ab][client]") {
  fixed_entropy random;
  const websocket::handshake_request request(random, {}, nullptr);
  testkit::heap_storage memory(http1::client::block_bytes);
  switching<http1::client, websocket::connection> machine(
      [&](const auto&) {
        return websocket::connection(websocket::role::client, memory, {}, {.keys = &random});
      },
      memory);
  std::vector<http1::field> fields{{"Host", "server.example.com"}};
  for (const http1::field& f : request.fields()) fields.push_back(f);
  REQUIRE(machine.first()->send_request("GET", "/chat", fields) == errc::ok);
  const auto say = [&] { return machine.apply(websocket::command(websocket::wish::send_ping{})); };
  const auto sent = [&] {
    std::string all;
    for (output_view view = machine.output(4096); !view.empty(); view = machine.output(4096)) {
      for (const const_bytes piece : view.pieces) all += as_text(piece);
      machine.consume_output(view.size());
    }
    return all;
  };
  CHECK(say() == errc::out_of_turn);
  CHECK(sent().ends_with("\r\n\r\n"));
  CHECK(say() == errc::out_of_turn);
  CHECK(sent().empty());
  std::string response = response_text();
  auto cursor = machine.receive(std::as_writable_bytes(std::span(response)));
  while (cursor.next()) {
  }
  CHECK(say() == errc::ok);
  CHECK(sent().size() == 6);
}

TEST_CASE("a response's Upgrade is websocket, but for its case", "[rfc6455-4.1ad][client]") {
  constexpr auto wrong = handshake_fault::wrong_upgrade;
  check_all({{response_text("Upgrade: WebSocket\r\n", "Upgrade"), std::nullopt},
             {response_text({}, "Upgrade"), wrong},
             {response_text("Upgrade:\r\n", "Upgrade"), wrong},
             {response_text("Upgrade: h2c\r\n", "Upgrade"), wrong},
             {response_text("Upgrade: websocket, h2c\r\n", "Upgrade"), wrong},
             {response_text("Upgrade: websocket/13\r\n", "Upgrade"), wrong},
             {response_text("Upgrade: websocket\r\n"), wrong}});
}

TEST_CASE("a 101 of HTTP/1.0 is none", "[rfc6455-4.1ai][client]") {
  const asking a;
  const std::array<http1::field, 3> fields{
      {{"Upgrade", "websocket"}, {"Connection", "upgrade"}, {"Sec-WebSocket-Accept", rfc_accept}}};
  http1::response_head head;
  head.status = 101;
  head.fields = fields;
  websocket::handshake_request::agreement agreed;
  CHECK(a.handshake.check_response(head, agreed) == std::nullopt);
  head.minor_version = 0;
  CHECK(a.handshake.check_response(head, agreed) == handshake_fault::wrong_upgrade);
}

TEST_CASE("a response's Connection names Upgrade, but for its case", "[rfc6455-4.1ae][client]") {
  constexpr auto wrong = handshake_fault::wrong_upgrade;
  check_all(
      {{response_text("Connection: upgrade\r\n", "Connection"), std::nullopt},
       {response_text("Connection: keep-alive, UPGRADE\r\n", "Connection"), std::nullopt},
       {response_text("Connection: a\r\nconnection: upgrade\r\n", "Connection"), std::nullopt},
       {response_text({}, "Connection"), wrong},
       {response_text("Connection: keep-alive\r\n", "Connection"), wrong},
       {response_text("Connection: upgraded\r\n", "Connection"), wrong}});
}

TEST_CASE("a response's accept answers the key, and stands once",
          "[rfc6455-4.1af][rfc6455-10.7a][rfc6455-11.3.3a][client]") {
  constexpr auto wrong = handshake_fault::wrong_accept;
  constexpr std::string_view accept = "Sec-WebSocket-Accept";
  check_all(
      {{response_text("sec-websocket-accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n", accept),
        std::nullopt},
       {response_text({}, accept), wrong},
       {response_text("Sec-WebSocket-Accept:\r\n", accept), wrong},
       {response_text("Sec-WebSocket-Accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n", accept), wrong},
       {response_text("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r\n", accept), wrong},
       {response_text("Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n", accept), wrong},
       {response_text("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), wrong},
       {response_text("Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n"), wrong}});
}

TEST_CASE("a response's subprotocol is one that was offered, and stands once",
          "[rfc6455-4.1ah][rfc6455-11.3.4a][client]") {
  constexpr auto wrong = handshake_fault::unasked_protocol;
  check_all(
      {{response_text("Sec-WebSocket-Protocol: v2\r\n"), std::nullopt},
       {response_text("Sec-WebSocket-Protocol: V2\r\n"), wrong},
       {response_text("Sec-WebSocket-Protocol: v\r\n"), wrong},
       {response_text("Sec-WebSocket-Protocol: superchat\r\n"), wrong},
       {response_text("Sec-WebSocket-Protocol: chat, v2\r\n"), wrong},
       {response_text("Sec-WebSocket-Protocol:\r\n"), wrong},
       {response_text("Sec-WebSocket-Protocol: v2\r\nSec-WebSocket-Protocol: v2\r\n"), wrong}});
  asking none;
  CHECK(none.answer(response_text("Sec-WebSocket-Protocol: chat\r\n")) == wrong);
}

TEST_CASE("a response's extensions stand in one field",
          "[rfc6455-11.3.2a][rfc6455-4.1ai][client]") {
  const websocket::compression wanted{.own_context = true, .peer_context = true};
  asking a({}, &wanted);
  CHECK(a.answer(response_text("Sec-WebSocket-Extensions: permessage-deflate\r\n"
                               "Sec-WebSocket-Extensions: ,\r\n")) ==
        handshake_fault::invalid_extensions);
  CHECK_FALSE(a.agreed.deflate);
}

TEST_CASE("a server that agrees to nothing is good enough", "[rfc6455-9.1e][client]") {
  const std::array<std::string_view, 1> protocols{"chat"};
  const websocket::compression wanted;
  asking a(protocols, &wanted);
  CHECK(a.answer(response_text()) == std::nullopt);
  CHECK(a.protocol.empty());
  CHECK_FALSE(a.agreed.deflate);
}

}  // namespace
