// Reading: every byte once and in order, paused and resumed.
#include "case.hpp"

#include <drywire/contract/pattern.hpp>

#include <cerrno>

CONTRACT_LIST(reading_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

// `peer` sends `bytes` while `on` runs, then what `sent` does.
template <class Sent>
void send_all(fixture& on, const raw_peer& peer, std::string_view bytes, Sent sent) {
  on.run_until([&] {
    bytes.remove_prefix(peer.write_some(bytes));
    return bytes.empty();
  });
  sent();
}

}  // namespace

CONTRACT_CASE("1 MiB arrives byte for byte") {
  auto [server, peer] = on.join_peer();
  const std::string sent = pattern(mebibyte);
  send_all(on, peer, sent, [&, &p = peer] { p.fin(); });
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == sent);
  CHECK_FALSE(server.ended());
}

CONTRACT_CASE("data and FIN in one wake: first the one, then the other") {
  auto [server, peer] = on.join_peer();
  peer.write("last words");
  peer.fin();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.order == "de");
  CHECK(server.text == "last words");
}

CONTRACT_CASE("data of exactly a block's size, then FIN") {
  auto [server, peer] = on.join_peer();
  const std::string sent = pattern(block_pool::block_size);
  server.pause();
  send_all(on, peer, sent, [&, &p = peer] { p.fin(); });
  on.turn();
  server.resume();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == sent);
}

CONTRACT_CASE("data of exactly a block's size, and nothing behind it") {
  auto [server, peer] = on.join_peer();
  const std::string sent = pattern(block_pool::block_size);
  send_all(on, peer, sent, [] {});
  on.run_until([&, &s = server] { return s.received == block_pool::block_size; });
  on.turn();
  CHECK(server.text == sent);
  CHECK(server.eofs == 0);
  peer.write("more");
  on.run_until([&, &s = server] { return s.received == block_pool::block_size + 4; });
}

CONTRACT_CASE("bytes sent one by one all arrive") {
  auto [server, peer] = on.join_peer();
  const std::string sent = pattern(100);
  for (const char& byte : sent) {
    peer.write({&byte, 1});
    on.turn(1);
  }
  on.run_until([&, &s = server] { return s.received == 100; });
  CHECK(server.text == sent);
}

CONTRACT_CASE("pausing inside on_data stops at once, and resuming loses nothing") {
  auto [server, peer] = on.join_peer();
  const std::string sent = pattern(4 * block_pool::block_size);
  server.then_data = [&s = server](lent_buffer&) { s.pause(); };
  send_all(on, peer, sent, [&, &p = peer] { p.fin(); });
  on.run_until([&, &s = server] { return s.datas == 1; });
  int times = 1;
  while (server.received < sent.size()) {
    on.turn(2);
    REQUIRE(server.datas == times);
    REQUIRE(server.eofs == 0);
    server.resume();
    REQUIRE(server.datas == times);  // never from within resume_reading()
    ++times;
    on.run_until([&, &s = server] { return s.datas == times; });
  }
  server.resume();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == sent);
}

CONTRACT_CASE("resuming delivers pending bytes without new ones") {
  auto [server, peer] = on.join_peer();
  server.pause();
  peer.write("pending");
  on.turn();
  CHECK(server.order.empty());
  server.resume();
  on.run_until([&, &s = server] { return s.text == "pending"; });
}

CONTRACT_CASE("pause and resume inside one on_data is as if nothing was said") {
  auto [server, peer] = on.join_peer();
  server.then_data = [&s = server](lent_buffer&) {
    s.pause();
    s.resume();
  };
  const std::string sent = pattern(mebibyte);
  send_all(on, peer, sent, [&, &p = peer] { p.fin(); });
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == sent);
}

CONTRACT_CASE("pause and resume between turns loses nothing") {
  auto [server, peer] = on.join_peer();
  for (int i = 0; i != 3; ++i) {
    server.pause();
    server.resume();
    peer.write("abc");
    server.pause();
    server.resume();
    server.resume();
    on.run_until([&, &s = server] { return s.received == static_cast<std::size_t>(3 * i + 3); });
  }
  CHECK(server.text == "abcabcabc");
}

CONTRACT_CASE("paused before the turn in which the bytes come: none is delivered") {
  auto [client, server] = on.join();
  server.pause();
  server.pause();
  CHECK(client.write("x") == 1);
  on.turn();
  CHECK(server.order.empty());
  server.resume();
  on.run_until([&, &s = server] { return s.text == "x"; });
}

CONTRACT_CASE("bytes that a paused stream doesn't read burn no CPU") {
  auto [server, peer] = on.join_peer();
  server.pause();
  while (peer.write_some(pattern(mebibyte)) != 0) on.turn(1);
  on.expect_idle();
  CHECK(server.order.empty());
}

CONTRACT_CASE("scribbling on a lent buffer hurts nobody") {
  auto [server, peer] = on.join_peer();
  auto [other, other_peer] = on.join_peer();
  const auto scribble = [](lent_buffer& lent) { std::ranges::fill(lent.bytes(), std::byte{0xee}); };
  server.then_data = scribble;
  other.then_data = scribble;
  const std::string sent = pattern(mebibyte / 2);
  std::string_view rest = sent;
  std::string_view other_rest = sent;
  on.run_until([&, &p = peer, &q = other_peer, &s = server, &o = other] {
    rest.remove_prefix(p.write_some(rest));
    other_rest.remove_prefix(q.write_some(other_rest));
    return s.received + o.received == 2 * sent.size();
  });
  CHECK(server.text == sent);
  CHECK(other.text == sent);
}

CONTRACT_CASE("lent bytes stay as they are while other streams with unread bytes are closed") {
  auto [server, peer] = on.join_peer();
  auto [other, other_peer] = on.join_peer();
  other.pause();
  other_peer.write(pattern(1000));
  std::string before;
  std::string after;
  server.then_data = [&before, &after, &o = other](lent_buffer& lent) {
    before = as_text(lent.bytes());
    o.close();
    after = as_text(lent.bytes());
  };
  peer.write("lent bytes");
  on.run_until([&, &s = server] { return s.received == 10; });
  CHECK(before == "lent bytes");
  CHECK(after == before);
  other_peer.close();
  on.run_until([&o = other] { return o.ended(); });
}

CONTRACT_CASE("a block taken is kept across turns, while others receive") {
  auto [server, peer] = on.join_peer();
  auto [other, other_peer] = on.join_peer();
  std::vector<block> kept;
  std::vector<mutable_bytes> bytes;
  server.then_data = [&](lent_buffer& lent) {
    bytes.push_back(lent.bytes());
    kept.push_back(lent.take());
  };
  peer.write("first");
  on.run_until([&, &s = server] { return s.received == 5; });
  peer.write("second");
  other_peer.write(pattern(1000));
  on.run_until([&, &s = server, &o = other] { return s.received == 11 && o.received == 1000; });
  on.turn();
  REQUIRE(kept.size() == 2);
  CHECK(as_text(bytes[0]) == "first");
  CHECK(as_text(bytes[1]) == "second");
  CHECK(on.core().blocks().held() >= 2);
  CHECK(on.core().blocks().held() <= 3);
}

CONTRACT_CASE("every block of 1 MiB taken: all differ, all intact") {
  auto [server, peer] = on.join_peer();
  std::vector<block> kept;
  std::vector<mutable_bytes> bytes;
  server.then_data = [&](lent_buffer& lent) {
    bytes.push_back(lent.bytes());
    kept.push_back(lent.take());
  };
  const std::string sent = pattern(mebibyte);
  send_all(on, peer, sent, [] {});
  on.run_until([&, &s = server] { return s.received == mebibyte; });
  std::string joined;
  for (const mutable_bytes piece : bytes) joined += as_text(piece);
  CHECK(joined == sent);
  kept.clear();
}
