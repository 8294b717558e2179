// permessage-deflate between both sides of the opening handshake, RFC 7692 5 and 7.1.
#include "handshake_fixture.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace {

using namespace websocket_test;
using websocket::compression;
using websocket::deflate_parameters;

// As much as there is: contexts, and whole windows.
constexpr compression all{.own_context = true, .peer_context = true};
constexpr compression least{};  // no contexts

// What a server answers to the value of a client's Sec-WebSocket-Extensions; "-" for nothing.
std::string answer_to(std::string_view offer, const compression& wanted = all) {
  const asked a(request_text("Sec-WebSocket-Extensions: " + std::string(offer) + "\r\n"));
  REQUIRE(websocket::check_request(a.head) == std::nullopt);
  const auto deflate = websocket::choose_deflate(a.head, wanted);
  const websocket::handshake_response response(a.head, {}, deflate);
  return value_in(response.fields(), "Sec-WebSocket-Extensions").value_or("-");
}

struct exchange {
  std::string_view offer;
  std::string_view answer;
};

TEST_CASE("a server takes the first offer that it can", "[rfc6455-4.2.2h][rfc7692-5c][server]") {
  for (const auto& [offer, answer] : std::vector<exchange>{
           {"permessage-deflate", "permessage-deflate"},
           {"permessage-deflate; client_max_window_bits", "permessage-deflate"},
           {"foo, permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover"},
           {"permessage-deflate; server_max_window_bits=9, permessage-deflate",
            "permessage-deflate; server_max_window_bits=9"},
           {"permessage-deflate; unknown, permessage-deflate; client_no_context_takeover",
            "permessage-deflate; client_no_context_takeover"},
           {"permessage-deflate;server_max_window_bits=10;server_no_context_takeover;"
            "client_no_context_takeover;client_max_window_bits=11",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=10; client_max_window_bits=11"},
       }) {
    CAPTURE(offer);
    CHECK(answer_to(offer) == answer);
  }
}

TEST_CASE("a server names no extension that it wasn't offered, or doesn't speak",
          "[rfc6455-4.2.2i][rfc6455-9a][rfc6455-9.1c][rfc7692-5d][rfc7692-5i][server]") {
  for (const std::string_view offer :
       {"foo", "permessage-bzip2", "x-webkit-deflate-frame", "Permessage-Deflate",
        "permessage-deflate-2", "foo; permessage-deflate"}) {
    CAPTURE(offer);
    CHECK(answer_to(offer) == "-");
  }
  const asked a(request_text());
  CHECK_FALSE(websocket::choose_deflate(a.head, all));
}

TEST_CASE("permessage-deflate is accepted alone: no extension is there to be in its way",
          "[rfc7692-5e][rfc7692-5g][server]") {
  CHECK(answer_to("mux, permessage-deflate, x-webkit-deflate-frame") == "permessage-deflate");
  CHECK(answer_to("permessage-deflate, permessage-deflate") == "permessage-deflate");
}

TEST_CASE("offers in several fields are one list, in their order", "[rfc6455-9.1b][server]") {
  CHECK(answer_to("foo\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9"
                  "\r\nsec-websocket-extensions: permessage-deflate") ==
        "permessage-deflate; server_max_window_bits=9");
}

TEST_CASE("an offer with a parameter that is unknown, wrong or there twice is declined",
          "[rfc6455-9b][rfc6455-9.1d][rfc7692-7a][rfc7692-7.1.2.1a][rfc7692-7.1.2.2a][server]") {
  for (const std::string params :
       {"unknown",
        "unknown=1",
        "Server_no_context_takeover",
        "server_no_context_takeover=1",
        "server_no_context_takeover=true",
        "client_no_context_takeover=\"1\"",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=08",
        "server_max_window_bits=010",
        "server_max_window_bits=0",
        "server_max_window_bits=1",
        "server_max_window_bits=+9",
        "server_max_window_bits=9.0",
        "server_max_window_bits=0x9",
        "server_max_window_bits=265",
        "server_max_window_bits=4294967305",
        "server_max_window_bits=10; server_max_window_bits=10",
        "server_max_window_bits=10; server_max_window_bits=11",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=09",
        "client_max_window_bits=x",
        "client_max_window_bits; client_max_window_bits",
        "client_max_window_bits; client_max_window_bits=10",
        "client_max_window_bits=10; client_max_window_bits",
        "server_no_context_takeover; unknown; client_no_context_takeover"}) {
    CAPTURE(params);
    CHECK(answer_to("permessage-deflate; " + params) == "-");
    CHECK(answer_to("permessage-deflate; " + params + ", permessage-deflate") ==
          "permessage-deflate");
  }
}

TEST_CASE("a value may be quoted, and then escaped") {
  CHECK(answer_to("permessage-deflate; server_max_window_bits=\"10\"") ==
        "permessage-deflate; server_max_window_bits=10");
  CHECK(answer_to("permessage-deflate; server_max_window_bits=\"\\1\\2\"") ==
        "permessage-deflate; server_max_window_bits=12");
  CHECK(answer_to("permessage-deflate; server_max_window_bits=\"0\\8\"") == "-");
}

TEST_CASE("a limit to our window is kept, and confirmed even if it is none",
          "[rfc7692-7.1.2.1b][server]") {
  CHECK(answer_to("permessage-deflate; server_max_window_bits=15") ==
        "permessage-deflate; server_max_window_bits=15");
  CHECK(answer_to("permessage-deflate; server_max_window_bits=8") ==
        "permessage-deflate; server_max_window_bits=8");
  compression wanted = all;
  wanted.own_window_bits = 11;
  CHECK(answer_to("permessage-deflate; server_max_window_bits=12", wanted) ==
        "permessage-deflate; server_max_window_bits=11");
  CHECK(answer_to("permessage-deflate; server_max_window_bits=10", wanted) ==
        "permessage-deflate; server_max_window_bits=10");
  CHECK(answer_to("permessage-deflate", wanted) == "permessage-deflate; server_max_window_bits=11");
}

TEST_CASE("a client is told a window only if it said that it can be",
          "[rfc7692-7a][rfc7692-7.1.2.2b][rfc7692-7.1.2.2c][server]") {
  compression wanted = all;
  wanted.peer_window_bits = 10;
  CHECK(answer_to("permessage-deflate; client_max_window_bits", wanted) ==
        "permessage-deflate; client_max_window_bits=10");
  CHECK(answer_to("permessage-deflate; client_max_window_bits=12", wanted) ==
        "permessage-deflate; client_max_window_bits=10");
  CHECK(answer_to("permessage-deflate; client_max_window_bits=9", wanted) ==
        "permessage-deflate; client_max_window_bits=9");
  CHECK(answer_to("permessage-deflate", wanted) == "-");
  CHECK(answer_to("permessage-deflate, permessage-deflate; client_max_window_bits", wanted) ==
        "permessage-deflate; client_max_window_bits=10");
  wanted.peer_window_bits = 8;
  CHECK(answer_to("permessage-deflate; client_max_window_bits", wanted) ==
        "permessage-deflate; client_max_window_bits=8");
}

TEST_CASE("a server that keeps no context says so, also of the client's") {
  CHECK(answer_to("permessage-deflate", least) ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  compression wanted = least;
  wanted.own_context = true;
  CHECK(answer_to("permessage-deflate", wanted) ==
        "permessage-deflate; client_no_context_takeover");
  CHECK(answer_to("permessage-deflate; server_no_context_takeover", wanted) ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
}

// What a client that wants this offers.
std::string offer_of(const compression& wanted) {
  asking a({}, &wanted);
  REQUIRE(a.handshake.valid());
  return value_in(a.handshake.fields(), "Sec-WebSocket-Extensions").value_or("-");
}

TEST_CASE("a client offers what it wants",
          "[rfc7692-5a][rfc7692-5b][rfc7692-7.1.2.1a][rfc7692-7.1.2.2a][rfc6455-9.1c]"
          "[rfc6455-9.1d][client]") {
  CHECK(offer_of(all) == "permessage-deflate; client_max_window_bits");
  CHECK(offer_of(least) ==
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
        "client_max_window_bits");
  CHECK(offer_of({.own_context = true,
                  .peer_context = true,
                  .own_window_bits = 9,
                  .peer_window_bits = 8}) ==
        "permessage-deflate; server_max_window_bits=8; client_max_window_bits=9");
  CHECK_FALSE(value_in(asking().handshake.fields(), "Sec-WebSocket-Extensions"));
  for (const auto bits : std::to_array<std::uint8_t>({0, 7, 16, 255})) {
    const compression own{.own_window_bits = bits};
    const compression peer{.peer_window_bits = bits};
    CHECK_FALSE(asking({}, &own).handshake.valid());
    CHECK_FALSE(asking({}, &peer).handshake.valid());
    CHECK(asking({}, &peer).handshake.fields().empty());
  }
}

// What a client makes of the value of a server's Sec-WebSocket-Extensions.
struct verdict {
  std::optional<handshake_fault> wrong;
  std::optional<deflate_parameters> deflate;
};

verdict verdict_on(std::string_view answer, const compression* wanted) {
  asking a({}, wanted);
  const auto wrong =
      a.answer(response_text("Sec-WebSocket-Extensions: " + std::string(answer) + "\r\n"));
  return {wrong, a.agreed.deflate};
}

TEST_CASE("a client agrees to an answer to its offer",
          "[rfc6455-9b][rfc7692-7.1.1.2a][rfc7692-7.2.2f][client]") {
  struct good {
    std::string_view answer;
    compression wanted;
    deflate_parameters agreed;
  };
  compression small = all;
  small.own_window_bits = 10;
  small.peer_window_bits = 12;
  for (const auto& [answer, wanted, agreed] : std::vector<good>{
           {"permessage-deflate", all, {}},
           {" , permessage-deflate ,", all, {}},
           {"permessage-deflate; server_no_context_takeover", all, {true, false, 15, 15}},
           {"permessage-deflate; client_no_context_takeover", all, {false, true, 15, 15}},
           {"permessage-deflate; server_max_window_bits=9", all, {false, false, 9, 15}},
           {"permessage-deflate; client_max_window_bits=\"8\"", all, {false, false, 15, 8}},
           {"permessage-deflate; client_max_window_bits=15; server_max_window_bits=15", all, {}},
           // We keep to our own limits, confirmed or not.
           {"permessage-deflate; server_no_context_takeover", least, {true, true, 15, 15}},
           {"permessage-deflate; server_max_window_bits=12", small, {false, false, 12, 10}},
           {"permessage-deflate; server_max_window_bits=8; client_max_window_bits=13",
            small,
            {false, false, 8, 10}},
           {"permessage-deflate; server_max_window_bits=8; client_max_window_bits=9",
            small,
            {false, false, 8, 9}},
       }) {
    CAPTURE(answer);
    const auto [wrong, deflate] = verdict_on(answer, &wanted);
    CHECK(wrong == std::nullopt);
    CHECK(deflate == agreed);
  }
}

TEST_CASE("a client refuses an answer that it can't have asked for",
          "[rfc7692-5j][rfc7692-7b][rfc7692-7.1.2.1b][rfc7692-7.1.2.2b][client]") {
  for (const std::string params :
       {"unknown", "server_no_context_takeover=1", "client_no_context_takeover=1",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover", "server_max_window_bits",
        "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=09",
        "server_max_window_bits=9; server_max_window_bits=9", "client_max_window_bits",
        "client_max_window_bits=7", "client_max_window_bits=16", "client_max_window_bits=010",
        "client_max_window_bits=9; client_max_window_bits=9"}) {
    CAPTURE(params);
    const auto [wrong, deflate] = verdict_on("permessage-deflate; " + params, &all);
    CHECK(wrong == handshake_fault::unasked_extension);
    CHECK(deflate == std::nullopt);
  }
  // Limits to the server that it doesn't confirm.
  CHECK(verdict_on("permessage-deflate", &least).wrong == handshake_fault::unasked_extension);
  compression small = all;
  small.peer_window_bits = 12;
  CHECK(verdict_on("permessage-deflate", &small).wrong == handshake_fault::unasked_extension);
  CHECK(verdict_on("permessage-deflate; server_max_window_bits=13", &small).wrong ==
        handshake_fault::unasked_extension);
}

TEST_CASE("a client refuses extensions that it didn't offer",
          "[rfc6455-4.1ag][rfc7692-5f][rfc7692-5h][rfc7692-5j][client]") {
  for (const std::string_view answer :
       {"foo", "permessage-bzip2", "Permessage-Deflate", "permessage-deflate, foo",
        "foo, permessage-deflate", "permessage-deflate, permessage-deflate"}) {
    CAPTURE(answer);
    CHECK(verdict_on(answer, &all).wrong == handshake_fault::unasked_extension);
  }
  for (const std::string_view answer :
       {"permessage-deflate", "permessage-deflate; server_no_context_takeover", "foo"}) {
    CHECK(verdict_on(answer, nullptr).wrong == handshake_fault::unasked_extension);
  }
}

TEST_CASE("a client refuses an answer that isn't a list of extensions", "[rfc6455-9.1a][client]") {
  for (const std::string_view answer :
       {"", ",", "permessage-deflate;", "permessage-deflate; =", "permessage-deflate foo"}) {
    CAPTURE(answer);
    CHECK(verdict_on(answer, &all).wrong == handshake_fault::invalid_extensions);
  }
}

TEST_CASE("both sides agree on the same, whatever they want") {
  std::size_t agreements = 0;
  const auto wants = [](unsigned n) {
    return compression{.own_context = (n & 1) != 0,
                       .peer_context = (n & 2) != 0,
                       .own_window_bits = static_cast<std::uint8_t>(8 + (n >> 2) % 8),
                       .peer_window_bits = static_cast<std::uint8_t>(8 + (n >> 5))};
  };
  for (unsigned s = 0; s < 256; s += 5) {
    for (unsigned c = 0; c < 256; c += 7) {
      const compression server = wants(s);
      const compression client = wants(c);
      CAPTURE(s, c);
      asking a({}, &client);
      const asked b(request_text("Sec-WebSocket-Extensions: " + offer_of(client) + "\r\n"));
      const auto agreed = websocket::choose_deflate(b.head, server);
      REQUIRE(agreed);  // our client says that its window can be limited
      const websocket::handshake_response response(b.head, {}, agreed);
      const auto [wrong, deflate] =
          verdict_on(value_in(response.fields(), "Sec-WebSocket-Extensions").value_or(""), &client);
      REQUIRE(wrong == std::nullopt);
      REQUIRE(deflate == agreed);
      CHECK(agreed->server_window_bits <=
            std::min(server.own_window_bits, client.peer_window_bits));
      CHECK(agreed->client_window_bits <=
            std::min(server.peer_window_bits, client.own_window_bits));
      CHECK((server.own_context || agreed->server_no_context_takeover));
      CHECK((client.peer_context || agreed->server_no_context_takeover));
      CHECK((server.peer_context || agreed->client_no_context_takeover));
      CHECK((client.own_context || agreed->client_no_context_takeover));
      ++agreements;
    }
  }
  CHECK(agreements == 52 * 37);
}

}  // namespace
