// Reading, to its end: FINs and resets, heard out, and told once.
#include "case.hpp"

#include <drywire/contract/pattern.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <iterator>

CONTRACT_LIST(reading_end_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

// Writes all of `bytes` through on_writable.
void write_all(recording_handler& to, std::string& bytes) {
  const auto go_on = [&] { bytes.erase(0, to.write(bytes)); };
  to.then_writable = go_on;
  go_on();
}

}  // namespace

CONTRACT_CASE("the end is told once, whatever follows") {
  auto [server, peer] = on.join_peer();
  peer.fin();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  server.pause();
  server.resume();
  on.turn();
  CHECK(server.write("still talking") == 13);
  on.turn();
  server.pause();
  server.resume();
  on.turn();
  CHECK(server.order == "e");
}

CONTRACT_CASE("the peer half-closes, and we write it 1 MiB") {
  auto [server, peer] = on.join_peer();
  peer.fin();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  std::string rest = pattern(mebibyte);
  write_all(server, rest);
  on.run_until([&, &p = peer] {
    p.read();
    return p.received.size() == mebibyte;
  });
  CHECK(peer.received == pattern(mebibyte));
  CHECK_FALSE(server.ended());
  server.shutdown();
  on.run_until([&, &s = server, &p = peer] {
    p.read();
    return s.ended() && p.eof;
  });
  CHECK(server.reason == error());
}

CONTRACT_CASE("we half-close, the peer answers and closes: its data arrives") {
  auto [client, server] = on.join();
  CHECK(client.write("question") == 8);
  client.shutdown();
  std::string answer = pattern(mebibyte);
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == "question");
  server.then_writable = [&, &s = server] {
    answer.erase(0, s.write(answer));
    if (answer.empty()) s.close();
  };
  server.then_writable();
  on.run_until([&, &c = client, &s = server] { return c.ended() && s.ended(); });
  CHECK(client.text == pattern(mebibyte));
  CHECK(client.eofs == 1);
  CHECK(client.reason == error());
  CHECK(server.reason == error());
}

CONTRACT_CASE("1,000 times: we half-close, the peer answers and closes at once: its data arrives") {
  constexpr std::size_t sizes[] = {1, 100, 5000, 70'000};
  const raw_listener listening;
  std::size_t heard_out = 0;
  for (std::size_t i = 0; i != 1000; ++i) {
    recording_handler& client = on.connect(listening.local());
    on.run_until([&] { return client.opens == 1; });
    raw_peer peer = listening.accept();
    CHECK(client.write("question") == 8);
    client.shutdown();
    on.run_until([&] {
      peer.read();
      return peer.eof;
    });
    const std::string answer = pattern(sizes[i % std::size(sizes)]);
    peer.write(answer);
    peer.close();
    on.run_until([&] { return client.ended(); });
    if (client.text == answer && client.eofs == 1 && !client.reason) ++heard_out;
    client.text.clear();
  }
  CHECK(heard_out == 1000);
}

CONTRACT_CASE("both half-close: on_closed follows without an error") {
  auto [client, server] = on.join();
  client.shutdown();
  server.shutdown();
  on.run_until([&, &c = client, &s = server] { return c.ended() && s.ended(); });
  CHECK(client.order == "oec");
  CHECK(server.order == "ec");
  CHECK(client.reason == error());
  CHECK(server.reason == error());
}

CONTRACT_CASE("half-close inside on_eof ends the stream") {
  auto [server, peer] = on.join_peer();
  server.then_eof = [&s = server] {
    s.shutdown();
    CHECK_FALSE(s.ended());
  };
  peer.fin();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "ec");
  CHECK(server.reason == error());
  peer.read();
  CHECK(peer.eof);
}

CONTRACT_CASE("a FIN while paused waits, and burns no CPU") {
  auto [server, peer] = on.join_peer();
  server.pause();
  peer.write("before");
  peer.fin();
  on.turn();
  on.expect_idle();
  CHECK(server.order.empty());
  server.resume();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == "before");
  CHECK(server.order == "de");
}

CONTRACT_CASE("after the peer's FIN an open stream burns no CPU") {
  auto [server, peer] = on.join_peer();
  peer.fin();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  on.expect_idle();
  CHECK(server.order == "e");
}

CONTRACT_CASE("a reset while paused is told at once or on resume, never as a clean end") {
  auto [server, peer] = on.join_peer();
  server.pause();
  on.turn();
  peer.reset();
  on.expect_idle();
  if (!server.ended()) server.resume();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.order == "c");
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("a reset behind data that a paused stream hasn't read is never a clean end") {
  auto [server, peer] = on.join_peer();
  server.pause();
  peer.write("unread");
  on.turn();
  peer.reset();
  on.turn();
  if (!server.ended()) server.resume();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.eofs == 0);
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("a reset behind unread data, in one wake, is never a clean end") {
  auto [server, peer] = on.join_peer();
  peer.write("unread");
  peer.reset();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.text == "unread");
  CHECK(server.eofs == 0);
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("a reset behind several blocks of data is told after all of it",
              capability::native_handles) {
  auto [server, peer] = on.join_peer();
  server.pause();
  // Only what our system has acknowledged outlives the reset: make room for all of it.
  const int room = 4 * static_cast<int>(block_pool::block_size);
  REQUIRE(::setsockopt(server.to->native_handle(), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) ==
          0);
  const std::string sent = pattern(5 * block_pool::block_size / 2);
  peer.write(sent);
  on.run_until([&, &p = peer] { return p.unacknowledged() == 0; });
  server.resume();
  peer.reset();
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.text == sent);
  CHECK(server.eofs == 0);
  CHECK(server.reason == error(ECONNRESET));
}

CONTRACT_CASE("a reset behind data, and we write before we look: still never a clean end") {
  auto [server, peer] = on.join_peer();
  peer.write("last words");
  peer.reset();
  (void)server.write("too late");
  (void)server.write("too late");
  on.run_until([&, &s = server] { return s.ended(); });
  CHECK(server.eofs == 0);
  CHECK(server.text == "last words");
  CHECK(bool(server.reason));
}

CONTRACT_CASE("a reset behind data, and we write inside on_accept: the data comes first") {
  recording_listener& listening = on.listen();
  listening.then_accept = [](recording_handler& accepted) {
    (void)accepted.write("too late");
    (void)accepted.write("too late");
  };
  raw_peer peer(listening.where);
  peer.write("last words");
  peer.reset();
  on.run_until([&] { return listening.streams.size() == 1 && listening.streams[0]->ended(); });
  recording_handler& server = *listening.streams[0];
  CHECK(server.order == "dc");
  CHECK(server.text == "last words");
  CHECK(bool(server.reason));
}

CONTRACT_CASE("a reset behind a FIN is told after the end, as an error") {
  auto [server, peer] = on.join_peer();
  peer.write("bye");
  peer.fin();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  peer.reset();
  // Our system learns of it at the latest by writing.
  on.run_until([&, &s = server] {
    if (!s.ended()) (void)s.write("anybody there?");
    return s.ended();
  });
  CHECK(server.eofs == 1);
  CHECK(bool(server.reason));
}
