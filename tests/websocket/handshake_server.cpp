// A server's side of the opening handshake.
#include "handshake_fixture.hpp"

#include <array>
#include <set>
#include <vector>

namespace {

using namespace websocket_test;

// What a server does that has nothing else to say.
errc answer(http1::server& http, const http1::request_head& head) {
  static constexpr std::array<std::string_view, 2> protocols{"superchat", "chat"};
  const websocket::compression wanted;
  if (const auto wrong = websocket::check_request(head)) {
    return http.respond(status_of(*wrong), refusal_fields(*wrong));
  }
  if (!websocket::origin_allowed(head)) return http.respond(403);
  const websocket::handshake_response granted(head, websocket::choose_protocol(head, protocols),
                                              websocket::choose_deflate(head, wanted));
  return http.switch_protocols(granted.fields());
}

std::optional<handshake_fault> check(const std::string& text) {
  return websocket::check_request(asked(text).head);
}

TEST_CASE("the example of RFC 6455 1.3 is granted to a page of its host",
          "[rfc6455-4.2.2a][rfc6455-4.2.2j][server]") {
  asked a(
      "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Origin: http://server.example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n");
  REQUIRE(answer(a.server, a.head) == errc::ok);
  CHECK(a.said() ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        "Sec-WebSocket-Protocol: superchat\r\nConnection: upgrade\r\n\r\n");
}

struct request_case {
  std::string text;
  std::optional<handshake_fault> wrong;
};

TEST_CASE("a request that isn't what RFC 6455 4.2.1 describes is refused",
          "[rfc6455-4.2.1a][rfc6455-10.7a][server]") {
  using enum handshake_fault;
  const auto ok = std::nullopt;
  const std::string no_upgrade = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
  for (const auto& [text, wrong] : std::vector<request_case>{
           {request_text(), ok},
           {"POST" + request_text().substr(3), not_get},
           {"HEAD" + request_text().substr(3), not_get},
           {no_upgrade, not_get},
           {"GET / HTTP/1.0" + request_text().substr(18), not_get},
           {"GET http://server.example.com/chat HTTP/1.1" + request_text().substr(18), ok},

           {request_text({}, "Upgrade"), not_an_upgrade},
           {request_text({}, "Connection"), not_an_upgrade},
           {request_text("Upgrade: h2c\r\n", "Upgrade"), not_an_upgrade},
           {request_text("Upgrade: websocket/13\r\n", "Upgrade"), not_an_upgrade},
           {request_text("Upgrade: websockets\r\n", "Upgrade"), not_an_upgrade},
           {request_text("Upgrade: WebSocket\r\n", "Upgrade"), ok},
           {request_text("Upgrade: h2c, WEBSOCKET\r\n", "Upgrade"), ok},
           {request_text("Upgrade: h2c\r\nUPGRADE: websocket\r\n", "Upgrade"), ok},
           {request_text("Connection: keep-alive\r\n", "Connection"), not_an_upgrade},
           {request_text("Connection: Upgrades\r\n", "Connection"), not_an_upgrade},
           {request_text("Connection: keep-alive, upgrade\r\n", "Connection"), ok},
           {request_text("Connection: keep-alive\r\nconnection: UPGRADE\r\n", "Connection"), ok},

           {request_text({}, "Sec-WebSocket-Key"), missing_key},
           {request_text("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), missing_key},
           {request_text("Sec-WebSocket-Key:\r\n", "Sec-WebSocket-Key"), invalid_key},
           {request_text("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n", "Sec-WebSocket-Key"),
            invalid_key},
           {request_text("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWQ=\r\n", "Sec-WebSocket-Key"),
            invalid_key},
           {request_text("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==,\r\n", "Sec-WebSocket-Key"),
            invalid_key},
           {request_text("sec-websocket-KEY: \t AQIDBAUGBwgJCgsMDQ4PEC== \r\n",
                         "Sec-WebSocket-Key"),
            ok},

           {request_text({}, "Sec-WebSocket-Version"), unsupported_version},
           {request_text("Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version"),
            unsupported_version},
           {request_text("Sec-WebSocket-Version: 013\r\n", "Sec-WebSocket-Version"),
            unsupported_version},
           {request_text("Sec-WebSocket-Version: 13, 8\r\n", "Sec-WebSocket-Version"),
            unsupported_version},
           {request_text("Sec-WebSocket-Version: 8\r\n"), unsupported_version},
           {request_text("Sec-WebSocket-Version: 13\r\n"), unsupported_version},

           {request_text("Sec-WebSocket-Protocol: chat\r\n"), ok},
           {request_text("Sec-WebSocket-Protocol: chat, Chat,superchat\r\n"), ok},
           {request_text("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"), ok},
           {request_text("Sec-WebSocket-Protocol: , a,\r\n"), ok},
           {request_text("Sec-WebSocket-Protocol:\r\n"), invalid_protocols},
           {request_text("Sec-WebSocket-Protocol: a b\r\n"), invalid_protocols},
           {request_text("Sec-WebSocket-Protocol: \"a\"\r\n"), invalid_protocols},
           {request_text("Sec-WebSocket-Protocol: a;b\r\n"), invalid_protocols},
           {request_text("Sec-WebSocket-Protocol: \xc3\xa4\r\n"), invalid_protocols},
           {request_text("Sec-WebSocket-Protocol: a, b, a\r\n"), invalid_protocols},
           {request_text("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b, a\r\n"),
            invalid_protocols},

           {request_text("Sec-WebSocket-Extensions: foo; bar=\"1\"\r\n"), ok},
           {request_text("Sec-WebSocket-Extensions:\r\n"), invalid_extensions},
           {request_text("Sec-WebSocket-Extensions: ,\r\n"), invalid_extensions},
           {request_text("Sec-WebSocket-Extensions: foo; bar=\r\n"), invalid_extensions},
           {request_text("Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: ;\r\n"),
            invalid_extensions},
           {request_text("Sec-WebSocket-Extensions: ,\r\nSec-WebSocket-Extensions: a\r\n"), ok},
       }) {
    CAPTURE(text);
    CHECK(check(text) == wrong);
  }
}

TEST_CASE("a request has one key and one version", "[rfc6455-11.3.1a][rfc6455-11.3.5a][server]") {
  CHECK(check(request_text("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")) ==
        handshake_fault::missing_key);
  CHECK(check(request_text("Sec-WebSocket-Version: 13\r\n")) ==
        handshake_fault::unsupported_version);
}

TEST_CASE("a response has each field of the handshake once",
          "[rfc6455-11.3.2a][rfc6455-11.3.3a][rfc6455-11.3.4a][server]") {
  const asked a(
      request_text("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"
                   "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n"
                   "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  const websocket::compression wanted;
  const websocket::handshake_response response(a.head, "b",
                                               websocket::choose_deflate(a.head, wanted));
  std::set<std::string_view> names;
  for (const http1::field& f : response.fields()) CHECK(names.insert(f.name).second);
  CHECK(names.size() == 4);
}

TEST_CASE("who isn't let in is told so, and stays with HTTP", "[rfc6455-4.2.2c][server]") {
  asked a(request_text("Origin: http://evil.example\r\n"));
  REQUIRE(answer(a.server, a.head) == errc::ok);
  CHECK(a.said().starts_with("HTTP/1.1 403 Forbidden\r\n"));
  CHECK(a.server.switch_protocols({}) != errc::ok);
  CHECK(a.server.ending() == ending::open);
}

TEST_CASE("the order of a request's fields means nothing", "[rfc6455-4.2.1a][server]") {
  CHECK(check("GET / HTTP/1.1\r\nsec-websocket-version: 13\r\n"
              "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nconnection: upgrade\r\n"
              "upgrade: websocket\r\nhost: a\r\n\r\n") == std::nullopt);
}

TEST_CASE("malformed extensions fail the handshake", "[rfc6455-9.1a][server]") {
  for (const std::string value : {"permessage-deflate;", "permessage-deflate; a=\"b c\"", "a b",
                                  "permessage-deflate, permessage-deflate; =15"}) {
    CAPTURE(value);
    CHECK(check(request_text("Sec-WebSocket-Extensions: " + value + "\r\n")) ==
          handshake_fault::invalid_extensions);
  }
}

TEST_CASE("no more subprotocols are compared than there is a limit for") {
  std::string names = "p0";
  for (std::size_t i = 1; i < websocket::protocols_max; ++i) names += ",p" + std::to_string(i);
  CHECK(check(request_text("Sec-WebSocket-Protocol: " + names + "\r\n")) == std::nullopt);
  CHECK(check(request_text("Sec-WebSocket-Protocol: " + names + ",q\r\n")) ==
        handshake_fault::invalid_protocols);
}

TEST_CASE("a request asks for WebSocket by Upgrade, whatever else is wrong with it") {
  CHECK(websocket::asks_for_websocket(asked(request_text()).head));
  CHECK(websocket::asks_for_websocket(asked("POST" + request_text().substr(3)).head));
  CHECK(websocket::asks_for_websocket(asked(request_text({}, "Sec-")).head));
  CHECK(websocket::asks_for_websocket(asked(request_text({}, "Connection")).head));
  CHECK_FALSE(websocket::asks_for_websocket(asked(request_text({}, "Upgrade")).head));
  CHECK_FALSE(
      websocket::asks_for_websocket(asked("GET / HTTP/1.0" + request_text().substr(18)).head));
}

TEST_CASE("each fault has a name of its own and a section; a server's, an answer",
          "[rfc6455-4.2.1a][server]") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < websocket::handshake_fault_count; ++i) {
    const auto what = static_cast<handshake_fault>(i);
    CAPTURE(to_string(what));
    CHECK(names.insert(to_string(what)).second);
    CHECK(rfc_section(what).starts_with("RFC "));
    const bool of_request = what < handshake_fault::refused;
    CHECK((status_of(what) / 100 == 4) == of_request);
    CHECK(refusal_fields(what).empty() == (status_of(what) != 426));
  }
}

TEST_CASE("another version is told which one there is", "[rfc6455-4.2.2d][rfc6455-4.4a][server]") {
  asked a(request_text("Sec-WebSocket-Version: 25\r\n", "Sec-WebSocket-Version"));
  REQUIRE(answer(a.server, a.head) == errc::ok);
  const std::string said = a.said();
  CHECK(said.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
  CHECK(said.find("\r\nSec-WebSocket-Version: 13\r\n") != said.npos);
  CHECK(said.find("\r\nUpgrade: websocket\r\n") != said.npos);
  CHECK(said.find("\r\nConnection: upgrade\r\n") != said.npos);
}

std::string_view chosen(const std::string& offered, std::vector<std::string_view> supported) {
  static std::string last;
  last = websocket::choose_protocol(asked(request_text(offered)).head, supported);
  return last;
}

TEST_CASE("a subprotocol is one of the client's, or none",
          "[rfc6455-4.2.2f][rfc6455-4.2.2g][server]") {
  const std::string offer = "Sec-WebSocket-Protocol: chat, v2.json\r\n";
  CHECK(chosen(offer, {"chat"}) == "chat");
  CHECK(chosen(offer, {"v2.json", "chat"}) == "v2.json");
  CHECK(chosen(offer, {"mqtt", "chat"}) == "chat");
  CHECK(chosen(offer + "sec-websocket-protocol: mqtt\r\n", {"mqtt", "chat"}) == "mqtt");
  CHECK(chosen(offer, {"Chat"}).empty());
  CHECK(chosen(offer, {"v2"}).empty());
  CHECK(chosen(offer, {}).empty());
  CHECK(chosen("", {"chat"}).empty());

  const asked a(request_text(offer));
  const websocket::handshake_response none(a.head, {}, {});
  CHECK(none.fields().size() == 2);
  CHECK_FALSE(value_in(none.fields(), "Sec-WebSocket-Protocol"));
}

}  // namespace
