// Broadcast: what each of many gets, and what is held for those that don't read.
#include "../support/allocations.hpp"
#include "fake_backend.hpp"
#include "websocket_fixture.hpp"
#include "websocket_raw.hpp"

#include <drywire/adapters/websocket_group.hpp>

#include <catch2/generators/catch_generators_range.hpp>

#include <deque>
#include <string>

using namespace drywire;
using namespace drywire::tests;

namespace {

// Who connects is a member.
struct fixture {
  explicit fixture(const websocket_group_options& group_options = {},
                   const websocket_options& o = {}, const http_server_options& of_server = {})
      : group(group_options),
        options(o),
        server(
            loop, [this](exchange& x) { CHECK(x.accept_websocket(handler, options)); }, of_server) {
    REQUIRE(server.listen(endpoint::loopback_v4(8080)));
    handler.at_open = [this](websocket_peer& peer) {
      CHECK(group.add(peer) == errc::ok);
      peers.push_back(peer.handle());
    };
  }

  fake_stream& join(std::string_view more = {}) {
    fake_stream& s = loop.connect_client();
    s.arrive(upgrade_request(more));
    s.written.clear();
    return s;
  }

  fake_backend loop;
  websocket_group group;
  websocket_options options;
  recorded_handler handler;
  std::vector<websocket_handle> peers;
  http_server server;
};

}  // namespace

TEST_CASE("a message goes to every member, in one frame") {
  fixture f;
  fake_stream& a = f.join();
  fake_stream& b = f.join();
  fake_stream& c = f.join();
  const std::string large(100'000, 'g');
  CHECK(f.group.size() == 3);
  CHECK(f.group.send("hello").taken == 3);
  CHECK(f.group.send(large, &*f.peers[1]).taken == 2);
  CHECK(f.group.send("\xff").taken == 0);
  f.loop.turn();
  CHECK((a.written == server_frame("hello") + server_frame(large)));
  CHECK(b.written == server_frame("hello"));
  CHECK((c.written == a.written));
  CHECK(f.group.remove(*f.peers[1]));
  CHECK_FALSE(f.group.remove(*f.peers[1]));
  CHECK_FALSE(f.group.has(*f.peers[1]));
  CHECK(f.group.add(*f.peers[0]) == errc::ok);
  CHECK(f.group.size() == 2);
  CHECK(f.group.send("bye").taken == 2);
}

TEST_CASE("members that close leave by themselves, and a group may die first") {
  fixture f;
  fake_stream& a = f.join();
  f.join();
  {
    websocket_group second;
    CHECK(second.add(*f.peers[0]) == errc::ok);
    CHECK(second.add(*f.peers[1]) == errc::ok);
    a.arrive(client_frame(close_payload(1000), websocket::opcode::close));
    CHECK(second.size() == 1);
    CHECK(f.group.size() == 1);
    CHECK(second.add(*f.peers[0]) == errc::connection_gone);
  }
  CHECK(f.group.send("x").taken == 1);
  CHECK(f.peers[1]->abort() == errc::ok);
  f.loop.turn();
  f.loop.end_closed_streams();
  CHECK(f.group.size() == 0);
  CHECK(f.group.send("x").taken == 0);
}

TEST_CASE("a slow peer refuses messages, and gets others when it has caught up") {
  fixture f({.policy = slow_peer::refuse_message, .queued_bytes_max = 100'000});
  fake_stream& slow = f.join();
  fake_stream& fast = f.join();
  slow.room = 0;
  const std::string large(40'000, 'g');
  CHECK(f.group.send(large).taken == 2);
  f.loop.turn();
  CHECK(f.group.send(large).taken == 2);
  f.loop.turn();
  const auto third = f.group.send(large);
  CHECK(third.taken == 1);
  CHECK(third.refused == 1);
  CHECK(f.peers[0]->queued() <= 100'000);
  CHECK(f.group.send(std::string(100'000, 'x')).refused == 2);
  f.loop.turn();
  CHECK((fast.written == server_frame(large) + server_frame(large) + server_frame(large)));
  slow.make_room(1'000'000);
  CHECK((slow.written == server_frame(large) + server_frame(large)));
  CHECK(f.group.send("again").taken == 2);
}

TEST_CASE("a slow peer is dropped, from within a message of another") {
  fixture f({.policy = slow_peer::drop, .queued_bytes_max = 100'000});
  fake_stream& slow = f.join();
  fake_stream& fast = f.join();
  slow.room = 0;
  const std::string large(60'000, 'g');
  std::vector<websocket_group::sent> counts;
  f.handler.then = [&](websocket_peer&, const websocket_message&) {
    counts.push_back(f.group.send(large));
  };
  fast.arrive(client_frame("go"));
  fast.arrive(client_frame("go"));
  fast.arrive(client_frame("go"));
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].taken == 2);
  CHECK(counts[1].taken == 1);
  CHECK(counts[1].dropped == 1);
  CHECK(counts[2].taken == 1);
  CHECK(slow.aborts == 1);
  f.loop.end_closed_streams();
  CHECK(f.handler.closed == 1);
  CHECK(f.handler.outcome.end == websocket_end::aborted);
  CHECK((fast.written == server_frame(large) + server_frame(large) + server_frame(large)));
}

TEST_CASE(
    "slow peers that take all memory are dropped, the slowest first, and no other misses any") {
  fixture f({.policy = slow_peer::drop}, {}, {.websockets = {.blocks_max = 8}});
  fake_stream& slow = f.join();
  fake_stream& slower = f.join();
  fake_stream& fast = f.join();
  slower.room = 0;
  const std::string small(100, 's');
  std::size_t dropped = 0;
  std::size_t sent = 0;
  const auto send = [&] {
    const websocket_group::sent count = f.group.send(small);
    CHECK(count.refused == 0);
    dropped += count.dropped;
    ++sent;
    f.loop.turn();
  };
  for (int i = 0; i < 100; ++i) send();
  slow.room = 0;
  while (dropped == 0 && sent < 10'000) send();
  CHECK(dropped == 1);
  CHECK(slower.aborts == 1);
  CHECK(slow.aborts == 0);
  while (dropped == 1 && sent < 10'000) send();
  CHECK(dropped == 2);
  CHECK(slow.aborts == 1);
  for (int i = 0; i < 100; ++i) send();
  CHECK(fast.aborts == 0);
  CHECK(fast.written.size() == sent * server_frame(small).size());
}

TEST_CASE("what many wait for is held once, and given back with the last of them") {
  constexpr std::size_t members = 50;
  constexpr std::size_t message_bytes = 400'000;
  fixture f({.policy = slow_peer::refuse_message, .queued_bytes_max = 1'000'000});
  std::vector<fake_stream*> streams;
  for (std::size_t i = 0; i < members; ++i) {
    streams.push_back(&f.join());
    streams.back()->room = 0;
  }
  const std::string large(message_bytes, 'g');
  CHECK(f.group.send("warm up").taken == members);  // the queues' blocks
  f.loop.turn();
  const std::size_t before = allocated_bytes();
  for (int i = 0; i < 100; ++i) {
    const auto count = f.group.send(large);
    CHECK(count.taken == (i < 2 ? members : 0));
    CHECK(count.refused == (i < 2 ? 0 : members));
    f.loop.turn();
  }
  const std::size_t held = allocated_bytes() - before;
  CHECK(held >= 2 * message_bytes);
  CHECK(held <= 2 * message_bytes + 2 * members * 64 + 4096);
  // The others read all of it: then one alone is what it is held for, until it dies.
  for (std::size_t i = 0; i + 1 < members; ++i) {
    streams[i]->make_room(3 * message_bytes);
    CHECK(streams[i]->written.size() > 2 * message_bytes);
    std::string().swap(streams[i]->written);
  }
  CHECK(allocated_bytes() + 10'000 >= before + 2 * message_bytes);  // less what kept account
  streams.back()->end(error(ECONNRESET));
  CHECK(allocated_bytes() < before);
}

TEST_CASE("one compressed form does for all who agreed on compression") {
  websocket_options options;
  options.compression.emplace();
  fixture f({}, options);
  fake_stream& plain = f.join();
  fake_stream& a = f.join("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  fake_stream& b = f.join("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  CHECK_FALSE(f.peers[0]->compresses());
  CHECK(f.peers[1]->compresses());
  const std::string text(10'000, 'c');
  CHECK(f.group.send(text).taken == 3);
  CHECK(f.group.send("tiny").taken == 3);
  f.loop.turn();
  CHECK((plain.written == server_frame(text) + server_frame("tiny")));
  CHECK(a.written.size() < 200);
  CHECK(a.written[0] == '\xc1');
  CHECK(a.written.ends_with(server_frame("tiny")));
  CHECK(a.written == b.written);
}

TEST_CASE("members whose messages refer to earlier ones get the plain form") {
  websocket_options options;
  options.compression.emplace().own_context = true;
  fixture f({}, options);
  fake_stream& refers = f.join("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  const std::string text(10'000, 'c');
  CHECK(f.group.send(text).taken == 1);
  f.loop.turn();
  CHECK((refers.written == server_frame(text)));
  // Whose peer wants no context gets what can be shared.
  fake_stream& doesnt =
      f.join("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n");
  refers.written.clear();
  CHECK(f.group.send(text).taken == 2);
  f.loop.turn();
  CHECK((refers.written == server_frame(text)));
  CHECK(doesnt.written.size() < 200);
}

TEST_CASE("limits of a group") {
  fixture f;
  f.join();
  f.join();
  websocket_group small({.members_max = 1});
  CHECK(small.add(*f.peers[0]) == errc::ok);
  CHECK(small.add(*f.peers[1]) == errc::would_exceed);
  // In the middle of a message of its own it takes no other.
  CHECK(f.peers[0]->start_message(websocket::kind::text) == errc::ok);
  CHECK(f.group.send("x").refused == 1);
  CHECK(f.peers[0]->finish_message() == errc::ok);
  // Without memory for the frame, or to know where it is.
  end_memory(true);
  const auto refused = f.group.send("x");
  const errc joining = small.remove(*f.peers[0]) ? small.add(*f.peers[1]) : errc::ok;
  end_memory(false);
  CHECK(refused.refused == 2);
  CHECK(joining == errc::no_memory);
  f.group.close(1012, "restart");
  f.loop.turn();
  CHECK(f.group.send("x").taken == 0);
}

TEST_CASE("peers of both roles in one group, on every loop") {
  const auto name = GENERATE(from_range(loop_names()));
  INFO(name);
  websocket_group servers;
  websocket_group clients;
  recorded_handler at_server;
  at_server.at_open = [&](websocket_peer& peer) { CHECK(servers.add(peer) == errc::ok); };
  websocket_fixture f(name, [&](exchange& x) { CHECK(x.accept_websocket(at_server)); });
  std::deque<recorded_handler> at_client(10);
  for (recorded_handler& h : at_client) {
    h.at_open = [&](websocket_peer& peer) { CHECK(clients.add(peer) == errc::ok); };
    f.client.connect(f.url, h);
  }
  f.run_until([&] { return servers.size() == 10 && clients.size() == 10; });
  const std::string large(300'000, 'x');
  for (int i = 0; i < 3; ++i) CHECK(servers.send(large).taken == 10);
  CHECK(clients.send("up").taken == 10);
  const auto got_all = [&] {
    return at_server.messages.size() == 10 &&
           std::ranges::all_of(at_client, [](const auto& h) { return h.messages.size() == 3; });
  };
  f.run_until(got_all);
  for (const recorded_handler& h : at_client) {
    CHECK((h.messages == std::vector<std::string>(3, large)));
  }
  f.end();
  CHECK(servers.size() + clients.size() == 0);
}
