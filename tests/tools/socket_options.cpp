// What the command line and a URL say of WebSockets.
#include "chat_name.hpp"
#include "compression_option.hpp"
#include "config_file.hpp"
#include "failure.hpp"
#include "limit_names.hpp"
#include "settings.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include <cstdint>
#include <string>

namespace {

using namespace drywire;
using namespace drywire::tools;
using Catch::Matchers::Message;

std::optional<websocket::compression> parsed(const char* words) {
  return parse_compression({words, "--compression"});
}

settings resolve(const wishes& flags, const wishes& file = {}) {
  constexpr std::string_view loops[] = {"native"};
  return resolve_settings(flags, {}, file, loops);
}

TEST_CASE("compression in words") {
  CHECK_FALSE(parsed("off"));
  const websocket::compression standard;
  const auto on = parsed("on");
  REQUIRE(on);
  CHECK(on->level == standard.level);
  CHECK(on->own_window_bits == 15);
  CHECK_FALSE(on->own_context);
  const auto all = parsed("own-context,own-window=8,peer-window=8,level=9,min-bytes=1KiB");
  REQUIRE(all);
  CHECK(all->own_context);
  CHECK_FALSE(all->peer_context);
  CHECK(all->own_window_bits == 8);
  CHECK(all->peer_window_bits == 8);
  CHECK(all->level == 9);
  CHECK(all->message_bytes_min == 1024);
  CHECK((parsed("context")->own_context && parsed("context")->peer_context));
  CHECK(parsed("peer-context")->peer_context);
}

TEST_CASE("compression in other words is refused") {
  for (const char* words : {"", "yes", "context,", "own-window=7", "own-window=16", "peer-window=7",
                            "level=0", "level=10", "level=", "min-bytes=x", "context,off"}) {
    CAPTURE(words);
    CHECK_THROWS_AS(parsed(words), failure);
  }
  CHECK_THROWS_MATCHES(
      parsed("context,level=x"), failure,
      Message("--compression: 'level=x' is not on, off, context, own-context, peer-context, "
              "own-window=8..15, peer-window=8..15, level=1..9 or min-bytes=SIZE"));
}

TEST_CASE("compression and origins are settings of a server") {
  CHECK(resolve({}).site.websockets.compression);
  CHECK(resolve({}).site.websockets.origins.empty());
  wishes flags;
  flags.compression = said{"off", "--no-compression"};
  flags.allow_origin = {{"https://example.org", "--allow-origin"}, {"*", "--allow-origin"}};
  CHECK_FALSE(resolve(flags).site.websockets.compression);
  CHECK(resolve(flags).site.websockets.origins ==
        std::vector<std::string>{"https://example.org", "*"});
  const wishes file =
      parse_config("compression = 'level=7'\nallow-origin = 'http://a:81'\n", "f.toml");
  CHECK(resolve({}, file).site.websockets.compression->level == 7);
  CHECK(resolve({}, file).site.websockets.origins == std::vector<std::string>{"http://a:81"});
  for (const char* origin : {"example.org", "https://", "://a", "https://a/", "https://a/b"}) {
    CAPTURE(origin);
    flags.allow_origin = {{origin, "--allow-origin"}};
    CHECK_THROWS_AS(resolve(flags), failure);
  }
}

// Suites of others want to send what our limits forbid.
TEST_CASE("every limit of a WebSocket can be set, and be off") {
  http_server_options server;
  site_options site;
  const auto set = [&](std::string_view name, std::string_view value) {
    set_limit(server, site, name, value, "--limit");
  };
  set("ws-message-bytes", "2GiB");
  CHECK(site.websockets.limits.message_bytes_max == 2ULL << 30);
  set("ws-ping-after", "50ms");
  CHECK(site.websockets.limits.ping_after == milliseconds(50));
  set("ws-deflate-blocks", "7");
  CHECK(server.websockets.deflate_blocks_max == 7);
  std::size_t count = 0;
  for (const std::string_view name : limit_names()) {
    if (!name.starts_with("ws-") && !name.starts_with("chat-")) {
      CHECK_THROWS_AS(set(name, "off"), failure);
      continue;
    }
    set(name, "off");
    ++count;
  }
  CHECK(count == 19);
  CHECK(site.websockets.limits.message_bytes_max == UINT64_MAX);
  CHECK(site.websockets.limits.fragments_max == UINT32_MAX);
  CHECK(site.websockets.limits.close_timeout == duration::max());
  CHECK(site.websockets.limits.ping_after == duration::max());
  CHECK(server.websockets.blocks_max == SIZE_MAX);
  CHECK(site.chat_queued_bytes_max == SIZE_MAX);
}

TEST_CASE("the limits of a client's WebSocket have the same names without ws-") {
  websocket::limits limits;
  set_websocket_limit(limits, "message-bytes", "off", "--limit");
  set_websocket_limit(limits, "ping-after", "2s", "--limit");
  CHECK(limits.message_bytes_max == UINT64_MAX);
  CHECK(limits.ping_after == seconds(2));
  CHECK_THROWS_AS(set_websocket_limit(limits, "head-bytes", "1", "--limit"), failure);
  CHECK_THROWS_AS(set_websocket_limit(limits, "blocks", "1", "--limit"), failure);
  CHECK_THROWS_AS(set_websocket_limit(limits, "ws-fragments", "1", "--limit"), failure);
}

TEST_CASE("a name in the chat is fit for its lines") {
  CHECK(chat_name("/chat?name=Ann") == "Ann");
  CHECK(chat_name("/chat?x=1&name=Ann+B%c3%B6ll&name=other") == "Ann B\xC3\xB6ll");
  CHECK(chat_name("/chat") == "guest");
  CHECK(chat_name("/chat?name=") == "guest");
  CHECK(chat_name("/chat?name") == "guest");
  CHECK(chat_name("/chat?surname=Ann") == "guest");
  CHECK(chat_name("/chat?name=***%20:%0A") == "guest");
  CHECK(chat_name("/chat?name=+*+Ann:%20B%0D%0Aob%7F+") == "Ann Bob");
  CHECK(chat_name("/chat?name=100%") == "100%");
  CHECK(chat_name("/chat?name=%4") == "%4");
  CHECK(chat_name("/chat?name=%zz%41") == "%zzA");
  CHECK(chat_name("/chat?name=%ff") == "guest");
  CHECK(chat_name("/chat?name=" + std::string(100, 'a')) == std::string(64, 'a'));
  // Not within a character.
  CHECK(chat_name("/chat?name=" + std::string(63, 'a') + "%E2%82%AC") == std::string(63, 'a'));
}

}  // namespace
