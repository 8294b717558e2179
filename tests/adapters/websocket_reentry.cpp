// What an application may do from within each callback, in both roles: everything.
#include "websocket_fixture.hpp"

#include <drywire/adapters/websocket_group.hpp>

#include <catch2/generators/catch_generators_range.hpp>

#include <array>
#include <functional>
#include <string>
#include <string_view>

using namespace drywire;
using namespace drywire::tests;

namespace {

enum class callback { response, open, message, gathered, ping, pong, drained, closed };
constexpr std::array callbacks{callback::response, callback::open,  callback::message,
                               callback::gathered, callback::ping,  callback::pong,
                               callback::drained,  callback::closed};

constexpr std::size_t long_bytes = 100'000;  // more than one read

// Does something once, at one of its callbacks; at others it keeps the conversation going.
class acting final : public websocket_handler {
 public:
  int opened = 0, closed = 0;
  callback at{};
  std::function<void(websocket_peer&)> action;  // none: it never acts
  bool acted = false;

 private:
  void act(callback now, websocket_peer& peer) {
    if (now != at || acted || !action) return;
    acted = true;
    action(peer);
  }
  void on_response(websocket_peer& peer, const http1::response_head&) noexcept override {
    act(callback::response, peer);
  }
  void on_open(websocket_peer& peer) noexcept override {
    ++opened;
    act(callback::open, peer);
    static_cast<void>(peer.send("short"));
    static_cast<void>(peer.send(std::string(long_bytes, 'x')));
    static_cast<void>(peer.send_ping());
    while (peer.send(std::string(long_bytes, 'y')) == errc::ok) {
    }
  }
  void on_message(websocket_peer& peer, const websocket_message& m) noexcept override {
    act(m.bytes.size() == long_bytes ? callback::gathered : callback::message, peer);
    CHECK((m.text() == "short" || m.text() == std::string(m.text().size(), m.text()[0])));
  }
  void on_ping(websocket_peer& peer, const_bytes) noexcept override { act(callback::ping, peer); }
  void on_pong(websocket_peer& peer, const_bytes) noexcept override { act(callback::pong, peer); }
  void on_drained(websocket_peer& peer) noexcept override { act(callback::drained, peer); }
  void on_closed(websocket_peer& peer, const websocket_outcome&) noexcept override {
    ++closed;
    CHECK_FALSE(peer.open());
    act(callback::closed, peer);
  }
};

struct conversation : websocket_fixture {
  explicit conversation(std::string_view name)
      : websocket_fixture(name, [this](exchange& x) {
          accepted += x.accept_websocket(accepted == 0 ? at_server : later) ? 1 : 0;
        }) {}
  ~conversation() { end(); }

  acting at_server, at_client, later;
  int accepted = 0, connected = 0;
  websocket_group group{{.queued_bytes_max = 1000}};
};

struct deed {
  std::string_view name;
  std::function<void(conversation&, websocket_peer&)> act;
  bool tells_no_more = false;
};

const std::array deeds{
    deed{"close", [](auto&, auto& peer) { static_cast<void>(peer.close()); }},
    deed{"abort", [](auto&, auto& peer) { static_cast<void>(peer.abort()); }},
    deed{"abandon", [](auto&, auto& peer) { static_cast<void>(peer.abandon()); }, true},
    deed{"close and abandon",
         [](auto&, auto& peer) {
           static_cast<void>(peer.close());
           static_cast<void>(peer.abandon());
         },
         true},
    deed{"abort and abandon",
         [](auto&, auto& peer) {
           static_cast<void>(peer.abort());
           static_cast<void>(peer.abandon());
         },
         true},
    deed{"hold and close",
         [](auto&, auto& peer) {
           static_cast<void>(peer.hold());
           static_cast<void>(peer.close());
         }},
    deed{"be dropped by a group",
         [](auto& c, auto& peer) {
           static_cast<void>(c.group.add(peer));
           c.group.send(std::string(600, 'g'));
           c.group.send(std::string(600, 'g'));
           static_cast<void>(c.group.remove(peer));
         }},
    deed{"connect again",
         [](auto& c, auto&) {
           c.client.connect(c.url, c.later);
           ++c.connected;
         }},
    deed{"end the client", [](auto& c, auto&) { c.client.close(); }},
    deed{"drain the server", [](auto& c, auto&) { c.server.drain([] {}); }},
    deed{"hand over to another", [](auto& c, auto& peer) { peer.set_handler(c.later); }, true},
};

}  // namespace

TEST_CASE("whatever is done from within a callback, each peer's end is told once") {
  const auto loop = GENERATE("sim", "sim, with faults");
  const callback at = GENERATE(from_range(callbacks));
  const deed& does = GENERATE(from_range(deeds.begin(), deeds.end()));
  const bool server_acts = GENERATE(false, true);
  if (server_acts && at == callback::response) return;
  INFO(loop << ", callback " << static_cast<int>(at) << ": " << does.name
            << (server_acts ? ", by the server" : ", by the client"));
  acting* who = nullptr;
  int ended = 0;
  {
    conversation c(loop);
    who = server_acts ? &c.at_server : &c.at_client;
    who->at = at;
    who->action = [&](websocket_peer& peer) { does.act(c, peer); };
    c.client.connect(c.url, c.at_client);
    for (int i = 0; i < 200 && !who->acted; ++i) c.loop->run_once(milliseconds(1));
    if (at == callback::closed) c.client.close();
    c.run_until([&] { return who->acted; });
    c.settle();
    c.end();
    ended = who->closed;
    const bool handed = does.name.starts_with("hand") && at != callback::closed;
    CHECK(c.later.closed == c.accepted - 1 + c.connected + (handed ? 1 : 0));
  }
  CHECK(ended == (does.tells_no_more && at != callback::closed ? 0 : 1));
}
