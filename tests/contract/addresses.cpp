// Where one listens and connects: addresses in use and not ours, ports that the system chooses,
// both families, a shared port.
#include "case.hpp"

#include <cerrno>

CONTRACT_LIST(address_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

// RFC 5737 3: for documentation, so it is nobody's.
endpoint not_ours() { return *endpoint::parse("192.0.2.1:0"); }

void echo_over(fixture& on, const endpoint& where) {
  recording_listener& listening = on.listen(where);
  recording_handler& client = on.connect(listening.where);
  CHECK(listening.where.is_v6() == where.is_v6());
  on.run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
  recording_handler& server = *listening.streams[0];
  CHECK(client.write("ping") == 4);
  on.run_until([&] { return server.text == "ping"; });
  CHECK(server.write("pong") == 4);
  on.run_until([&] { return client.text == "pong"; });
  CHECK(client.to->local() == server.to->peer());
  CHECK(client.to->peer() == server.to->local());
  CHECK(client.to->peer() == listening.where);
}

}  // namespace

CONTRACT_CASE("listening on an address in use says EADDRINUSE") {
  recording_listener& listening = on.listen();
  recording_listener other(on);
  const auto second = on.loop().listen(listening.where, other);
  REQUIRE_FALSE(second);
  CHECK(second.error() == error(EADDRINUSE));
  on.turn();
  CHECK(other.closes == 0);
  // The first is unharmed.
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
}

CONTRACT_CASE("listening on an address that isn't ours says EADDRNOTAVAIL") {
  recording_listener nobody(on);
  const auto made = on.loop().listen(not_ours(), nobody);
  REQUIRE_FALSE(made);
  CHECK(made.error() == error(EADDRNOTAVAIL));
  on.turn();
  CHECK(nobody.closes == 0);
}

CONTRACT_CASE("port 0 reports the port that the system chose") {
  recording_listener& first = on.listen();
  recording_listener& second = on.listen();
  CHECK(first.where.port() != 0);
  CHECK(second.where.port() != 0);
  CHECK(first.where.port() != second.where.port());
  const raw_peer peer(first.where);
  on.run_until([&] { return first.streams.size() == 1; });
  CHECK(second.streams.empty());
}

CONTRACT_CASE("an address is free again once its listener is closed") {
  recording_listener& first = on.listen();
  const endpoint where = first.where;
  recording_handler& client = on.connect(where);
  on.run_until([&] { return client.opens == 1 && first.streams.size() == 1; });
  first.streams[0]->close();  // ours is the side that lingers in TIME_WAIT
  first.close();
  on.run_until([&] { return first.closes == 1 && client.eofs == 1; });
  client.close();
  on.run_until([&] { return client.ended() && first.streams[0]->ended(); });
  recording_listener& again = on.listen(where);
  CHECK(again.where == where);
}

CONTRACT_CASE("IPv4: echo and addresses") { echo_over(on, endpoint::loopback_v4(0)); }

CONTRACT_CASE("IPv6: echo and addresses", capability::ipv6) {
  echo_over(on, endpoint::loopback_v6(0));
}

CONTRACT_CASE("dual stack: a listener on any IPv6 address takes IPv4 too", capability::ipv6) {
  recording_listener& listening = on.listen(*endpoint::parse("[::]:0"));
  recording_handler& v4 = on.connect(endpoint::loopback_v4(listening.where.port()));
  recording_handler& v6 = on.connect(endpoint::loopback_v6(listening.where.port()));
  on.run_until([&] { return v4.opens + v6.opens == 2 && listening.streams.size() == 2; });
  CHECK(v4.write("4") == 1);
  CHECK(v6.write("6") == 1);
  recording_handler& a = *listening.streams[0];
  recording_handler& b = *listening.streams[1];
  on.run_until([&] { return a.received + b.received == 2; });
  CHECK((a.text == "4" ? b.text == "6" : a.text + b.text == "64"));
}

CONTRACT_CASE("v6only: a listener on any IPv6 address leaves IPv4 to another", capability::ipv6) {
  recording_listener& v6 = on.listen(*endpoint::parse("[::]:0"), {.v6_only = true});
  recording_handler& refused = on.connect(endpoint::loopback_v4(v6.where.port()));
  on.run_until([&] { return refused.ended(); });
  CHECK(refused.reason == error(ECONNREFUSED));
  endpoint any_v4;
  any_v4.set_port(v6.where.port());
  recording_listener& v4 = on.listen(any_v4);
  recording_handler& a = on.connect(endpoint::loopback_v4(v6.where.port()));
  recording_handler& b = on.connect(endpoint::loopback_v6(v6.where.port()));
  on.run_until([&] { return a.opens + b.opens == 2 && v4.streams.size() == 1; });
  on.run_until([&] { return v6.streams.size() == 1; });
  CHECK_FALSE(v4.streams[0]->to->peer().is_v6());
  CHECK(v6.streams[0]->to->peer().is_v6());
}

CONTRACT_CASE("a refused IPv6 connect says ECONNREFUSED", capability::ipv6) {
  recording_listener& listening = on.listen(endpoint::loopback_v6(0));
  listening.close();
  on.run_until([&] { return listening.closes == 1; });
  recording_handler& client = on.connect(listening.where);
  on.run_until([&] { return client.ended(); });
  CHECK(client.order == "c");
  CHECK(client.reason == error(ECONNREFUSED));
}

CONTRACT_CASE("two loops share a port, and the system deals connections out",
              capability::reuse_port) {
  fixture other(on.tested());
  const listen_options shared{.reuse_port = true};
  recording_listener& first = on.listen(endpoint::loopback_v4(0), shared);
  recording_listener& second = other.listen(first.where, shared);
  constexpr std::size_t count = 64;
  std::vector<raw_peer> peers;
  for (std::size_t i = 0; i != count; ++i) peers.emplace_back(first.where);
  on.run_until([&] {
    other.turn(1);
    return first.streams.size() + second.streams.size() == count;
  });
  CHECK(!first.streams.empty());
  CHECK(!second.streams.empty());
  other.tear_down();
}

CONTRACT_CASE("addresses are remembered after the peer has gone") {
  recording_listener& listening = on.listen();
  raw_peer peer(listening.where);
  const endpoint peer_name = peer.local();
  on.run_until([&] { return listening.streams.size() == 1; });
  recording_handler& server = *listening.streams[0];
  server.pause();
  peer.reset();
  on.turn();
  if (!server.ended()) {
    CHECK(server.to->peer() == peer_name);
    CHECK(server.to->local() == listening.where);
    server.resume();
  }
  on.run_until([&] { return server.ended(); });
}

CONTRACT_CASE("addresses are there inside on_closed") {
  struct naming final : stream_handler {
    void on_data(stream&, lent_buffer&) noexcept override {}
    void on_eof(stream& s) noexcept override { s.shutdown_write(); }
    void on_closed(stream& s, error) noexcept override {
      local = s.local();
      peer = s.peer();
      closed = true;
    }
    endpoint local;
    endpoint peer;
    bool closed = false;
  } names;
  recording_listener& listening = on.listen();
  listening.then_accept = [&](recording_handler& accepted) {
    accepted.to->set_handler(names);
    accepted.to = nullptr;
  };
  raw_peer peer(listening.where);
  const endpoint peer_name = peer.local();
  on.run_until([&] { return listening.streams.size() == 1; });
  peer.close();
  on.run_until([&] { return names.closed; });
  CHECK(names.peer == peer_name);
  CHECK(names.local == listening.where);
}
