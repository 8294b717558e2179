// Ends that we make: half-close, close, abort; and writing to a peer that is gone.
#include "case.hpp"

#include <drywire/contract/pattern.hpp>

#include <cerrno>
#include <csignal>

CONTRACT_LIST(ending_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

void read_to_end(fixture& on, raw_peer& peer) {
  on.run_until([&] {
    peer.read();
    return peer.ended();
  });
}

}  // namespace

CONTRACT_CASE("a half-close after a short write flushes first") {
  auto [server, peer] = on.join_peer();
  const std::size_t accepted = server.fill();
  server.shutdown();
  on.turn();
  read_to_end(on, peer);
  CHECK(peer.eof);
  CHECK(peer.received.size() == accepted);
  on.turn();
  CHECK(server.order.empty());  // no room is told: there will be no write
  peer.write("reading goes on");
  on.run_until([&, &s = server] { return s.received == 15; });
}

CONTRACT_CASE("a half-close before on_open is a FIN behind it, and reading goes on") {
  const raw_listener listening;
  recording_handler& client = on.connect(listening.local());
  client.shutdown();
  on.run_until([&] { return client.opens == 1; });
  raw_peer peer = listening.accept();
  read_to_end(on, peer);
  CHECK(peer.eof);
  CHECK(client.write("late") == 0);
  peer.write("answer");
  on.run_until([&] { return client.text == "answer"; });
  CHECK_FALSE(client.ended());
}

CONTRACT_CASE("a write after a half-close accepts nothing, and no on_writable follows") {
  auto [server, peer] = on.join_peer();
  CHECK(server.write("before") == 6);
  server.shutdown();
  CHECK(server.write("after") == 0);
  read_to_end(on, peer);
  CHECK(peer.received == "before");
  on.turn();
  CHECK(server.write("long after") == 0);
  on.turn();
  CHECK(server.order.empty());
}

CONTRACT_CASE("a half-close twice is one FIN") {
  auto [server, peer] = on.join_peer();
  server.shutdown();
  server.shutdown();
  read_to_end(on, peer);
  server.shutdown();
  on.turn();
  CHECK(peer.eof);
  CHECK(server.order.empty());
  peer.close();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "ec");
  CHECK(server.reason == error());
}

CONTRACT_CASE("a write after close or abort accepts nothing") {
  auto [closing, peer] = on.join_peer();
  closing.close();
  CHECK(closing.write("late") == 0);
  read_to_end(on, peer);
  CHECK(peer.received.empty());
  auto [aborting, other] = on.join_peer();
  aborting.abort();
  CHECK(aborting.write("late") == 0);
  read_to_end(on, other);
  CHECK(other.received.empty());
}

CONTRACT_CASE("close flushes what was accepted to a slow peer") {
  auto [server, peer] = on.join_peer();
  const std::size_t accepted = server.fill();
  server.close();
  on.turn();
  read_to_end(on, peer);
  CHECK(peer.eof);
  CHECK(peer.received.size() == accepted);
  peer.close();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  CHECK(server.reason == error());
}

CONTRACT_CASE("close flushes for its timeout at most, then aborts with ETIMEDOUT") {
  auto [client, server] = on.join();
  server.pause();
  server.keeps_text = false;
  const std::size_t accepted = client.fill();
  const instant begin = on.loop().time().steady;
  client.close(milliseconds(50));
  on.run_until([&, &c = client] { return c.ended(); });
  CHECK(on.loop().time().steady - begin >= milliseconds(50));  // never early
  CHECK(client.reason == error(ETIMEDOUT));
  CHECK(client.order == "oc");
  if (!server.ended()) server.resume();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.received < accepted);
  CHECK(server.eofs == 0);
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("close with bytes unread doesn't reset what the peer hasn't read yet") {
  auto [server, peer] = on.join_peer();
  server.pause();
  peer.write("nobody reads this");
  on.turn();
  CHECK(server.write("goodbye") == 7);
  server.close();
  on.turn();
  read_to_end(on, peer);
  CHECK(peer.eof);
  CHECK(peer.received == "goodbye");
  on.run_until([&, &s = server] { return s.ended(); });
  on.turn();
  CHECK_FALSE(peer.pending_error());
}

CONTRACT_CASE("close twice, and close after a half-close, end once") {
  auto [server, peer] = on.join_peer();
  server.shutdown();
  server.close();
  server.close();
  read_to_end(on, peer);
  peer.close();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  CHECK(server.reason == error());
}

CONTRACT_CASE("bytes that arrive while a close flushes are dropped, and harm nothing") {
  auto [server, peer] = on.join_peer();
  const std::size_t accepted = server.fill();
  server.close();
  for (int i = 0; i != 5; ++i) {
    (void)peer.write_some("chatter");
    on.turn(1);
  }
  read_to_end(on, peer);
  CHECK(peer.eof);
  CHECK(peer.received.size() == accepted);
  peer.close();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
}

CONTRACT_CASE("abort sends a reset") {
  auto [server, peer] = on.join_peer();
  server.abort();
  CHECK_FALSE(server.ended());
  on.run_until([&, &s = server] { return s.ended(); });
  read_to_end(on, peer);
  CHECK(peer.failure == error(ECONNRESET));
  CHECK(server.order == "c");
  CHECK(server.reason == error());
}

CONTRACT_CASE("abort after a half-close still resets") {
  auto [server, peer] = on.join_peer();
  CHECK(server.write("half") == 4);
  server.shutdown();
  read_to_end(on, peer);
  CHECK(peer.eof);
  server.abort();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  on.run_until([&, &p = peer] { return bool(p.pending_error()); });
}

CONTRACT_CASE("abort twice, then close, end once") {
  auto [server, peer] = on.join_peer();
  server.abort();
  server.abort();
  server.close();
  on.run_until([&, &s = server] { return s.ended(); });
  on.turn();
  CHECK(server.order == "c");
  CHECK(server.reason == error());
  peer.read();
  CHECK(peer.failure == error(ECONNRESET));
}

CONTRACT_CASE("abort after close drops what was not sent") {
  auto [client, server] = on.join();
  server.pause();
  server.keeps_text = false;
  const std::size_t accepted = client.fill();
  client.close();
  on.turn();
  CHECK_FALSE(client.ended());
  client.abort();
  on.run_until([&, &c = client] { return c.ended(); });
  CHECK(client.reason == error());
  if (!server.ended()) server.resume();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.received < accepted);
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("abort with a full buffer ends at once") {
  auto [server, peer] = on.join_peer();
  CHECK(server.fill() > 0);
  server.abort();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  read_to_end(on, peer);
  CHECK(peer.failure == error(ECONNRESET));
}

CONTRACT_CASE("a reset while writes are queued is told as the real error, and doesn't spin") {
  auto [server, peer] = on.join_peer();
  CHECK(on.fill(server) > 0);
  peer.reset();
  on.expect_idle();
  CHECK(server.ended());
  CHECK(server.writables == 0);
  CHECK(server.eofs == 0);
  CHECK((server.reason == error(ECONNRESET) || server.reason == error(EPIPE)));
}

CONTRACT_CASE("a reset behind queued writes of a paused stream doesn't spin, and isn't lost") {
  auto [server, peer] = on.join_peer();
  server.pause();
  CHECK(on.fill(server) > 0);
  peer.reset();
  on.expect_idle();
  if (!server.ended()) server.resume();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  CHECK((server.reason == error(ECONNRESET) || server.reason == error(EPIPE)));
}

CONTRACT_CASE("a reset while a close flushes is told as lost bytes") {
  auto [server, peer] = on.join_peer();
  CHECK(server.fill() > 0);
  server.close();
  on.turn();
  peer.reset();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  CHECK(bool(server.reason));
  CHECK(server.reason != error(ETIMEDOUT));
}

CONTRACT_CASE("writing to a peer that is gone never raises SIGPIPE, and ends with the error") {
  struct sigaction action {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &action) == 0);
  CHECK(action.sa_handler == SIG_IGN);
  auto [server, peer] = on.join_peer();
  server.pause();
  peer.close();
  on.run_until([&, &s = server] {
    if (!s.ended()) (void)s.write("into the void");
    return s.ended();
  });
  CHECK(server.eofs == 0);
  CHECK((server.reason == error(EPIPE) || server.reason == error(ECONNRESET)));
}
