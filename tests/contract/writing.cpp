// Writing: what is accepted arrives, once and in order; room is told once.
#include "case.hpp"

#include <drywire/contract/pattern.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <vector>

CONTRACT_LIST(writing_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

// The peer reads until it has `size` bytes.
void read_all(fixture& on, raw_peer& peer, std::size_t size) {
  on.run_until([&] {
    peer.read();
    return peer.received.size() >= size || peer.ended();
  });
}

}  // namespace

CONTRACT_CASE("a short write is followed by on_writable exactly once, when there is room") {
  auto [server, peer] = on.join_peer();
  const std::size_t accepted = on.fill(server) + server.fill();  // twice short, still told once
  read_all(on, peer, accepted);
  on.run_until([&, &s = server] { return s.writables == 1; });
  on.turn();
  CHECK(server.writables == 1);
  CHECK(peer.received == pattern(accepted));
  CHECK(server.write("room") == 4);
  read_all(on, peer, accepted + 4);
  on.turn();
  CHECK(server.order == "w");
}

CONTRACT_CASE("without a short write there is no on_writable") {
  auto [server, peer] = on.join_peer();
  for (int i = 0; i != 10; ++i) {
    CHECK(server.write("whole") == 5);
    on.turn(1);
  }
  read_all(on, peer, 50);
  on.turn();
  CHECK(server.order.empty());
}

CONTRACT_CASE("64 MiB through on_writable arrive byte for byte") {
  constexpr std::size_t size = 64 * mebibyte;
  auto [client, server] = on.join();
  const std::string source = pattern(mebibyte + 89);  // a multiple of it, at any phase
  std::size_t sent = 0;
  const auto go_on = [&, &c = client] {
    while (sent != size) {
      const std::size_t n = std::min(mebibyte, size - sent);
      const std::size_t accepted = c.write(std::string_view(source).substr(sent % 89, n));
      sent += accepted;
      if (accepted != n) return;
    }
    c.shutdown();
  };
  pattern_check check;
  server.keeps_text = false;
  server.then_data = [&](lent_buffer& lent) { check.add(as_text(lent.bytes())); };
  client.then_writable = go_on;
  go_on();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(check.received == size);
  CHECK(check.intact);
}

CONTRACT_CASE("64 MiB both ways at once arrive byte for byte") {
  constexpr std::size_t size = 32 * mebibyte;
  struct side {
    recording_handler& at;
    std::size_t sent = 0;
    pattern_check check = {};
  };
  auto [client, server] = on.join();
  side sides[] = {{client}, {server}};
  const std::string source = pattern(mebibyte + 89);
  for (side& one : sides) {
    one.at.keeps_text = false;
    one.at.then_data = [&](lent_buffer& lent) { one.check.add(as_text(lent.bytes())); };
    one.at.then_writable = [&] {
      while (one.sent != size) {
        const std::size_t n = std::min(mebibyte, size - one.sent);
        const std::size_t accepted =
            one.at.write(std::string_view(source).substr(one.sent % 89, n));
        one.sent += accepted;
        if (accepted != n) return;
      }
    };
    one.at.then_writable();
  }
  on.run_until([&] { return sides[0].at.received == size && sides[1].at.received == size; });
  CHECK(sides[0].check.intact);
  CHECK(sides[1].check.intact);
}

CONTRACT_CASE("2000 pieces in one write") {
  auto [server, peer] = on.join_peer();
  const std::string bytes = pattern(2000 * 7);
  std::vector<const_bytes> pieces;
  for (std::size_t i = 0; i != 2000; ++i) {
    pieces.push_back(text_bytes(std::string_view(bytes).substr(7 * i, 7)));
  }
  const std::size_t accepted = server.write(pieces);
  CHECK(accepted == bytes.size());
  read_all(on, peer, accepted);
  CHECK(peer.received == bytes.substr(0, accepted));
}

CONTRACT_CASE("large pieces: short within one of them, and the order is kept") {
  auto [server, peer] = on.join_peer();
  const std::string bytes = pattern(32 * mebibyte);
  std::vector<const_bytes> pieces;
  for (std::size_t i = 0; i != 64; ++i) {
    pieces.push_back(text_bytes(std::string_view(bytes).substr(i * mebibyte / 2, mebibyte / 2)));
  }
  const std::size_t accepted = server.write(pieces);
  CHECK(accepted < bytes.size());
  CHECK(accepted > 0);
  read_all(on, peer, accepted);
  on.run_until([&, &s = server] { return s.writables == 1; });
  CHECK(peer.received == std::string_view(bytes).substr(0, accepted));
}

CONTRACT_CASE("empty pieces among others change nothing") {
  auto [server, peer] = on.join_peer();
  const const_bytes pieces[] = {{}, text_bytes("a"), {}, {}, text_bytes("bc"), {}};
  CHECK(server.write(pieces) == 3);
  read_all(on, peer, 3);
  CHECK(peer.received == "abc");
  on.turn();
  CHECK(server.order.empty());
}

CONTRACT_CASE("a write of nothing is not short") {
  auto [server, peer] = on.join_peer();
  const const_bytes empty[] = {{}, {}};
  CHECK(server.write(std::span<const const_bytes>()) == 0);
  CHECK(server.write(empty) == 0);
  on.turn();
  CHECK(server.order.empty());
  peer.read();
  CHECK_FALSE(peer.ended());
}

CONTRACT_CASE("what a write was given may die at once") {
  auto [server, peer] = on.join_peer();
  std::size_t sent = 0;
  bool short_write = false;
  while (!short_write) {
    std::string bytes = pattern(100'000, sent);
    const std::size_t accepted = server.write(bytes);
    short_write = accepted != bytes.size();
    sent += accepted;
    std::ranges::fill(bytes, '\0');
  }
  read_all(on, peer, sent);
  CHECK(peer.received == pattern(sent));
}

CONTRACT_CASE("the order of 10,000 small writes is kept") {
  auto [client, server] = on.join();
  std::string all;
  std::string next;
  int written = 0;
  const auto go_on = [&, &c = client] {
    while (written != 10'000 || !next.empty()) {
      if (next.empty()) {
        next = std::to_string(written++) + ",";
        all += next;
      }
      next.erase(0, c.write(next));
      if (!next.empty()) return;
    }
    c.shutdown();
  };
  client.then_writable = go_on;
  go_on();
  on.run_until([&, &s = server] { return s.eofs == 1; });
  CHECK(server.text == all);
}

CONTRACT_CASE("queued() is at most what was accepted, and zero once it has left") {
  auto [server, peer] = on.join_peer();
  CHECK(server.to->queued() == 0);
  const std::size_t accepted = on.fill(server);
  CHECK(server.to->queued() <= accepted);
  read_all(on, peer, accepted);
  on.run_until([&, &s = server] { return s.writables == 1 && s.to->queued() == 0; });
}

CONTRACT_CASE("a write inside on_data and on_writable is as good as any") {
  auto [client, server] = on.join();
  server.then_data = [&s = server](lent_buffer& lent) {
    CHECK(s.write(as_text(lent.bytes())) == lent.bytes().size());
  };
  for (int i = 0; i != 100; ++i) {
    CHECK(client.write("ping") == 4);
    on.run_until([&, &c = client] { return c.received == static_cast<std::size_t>(4 * (i + 1)); });
  }
}

CONTRACT_CASE("a short write inside on_writable is followed by another on_writable") {
  auto [server, peer] = on.join_peer();
  std::size_t accepted = server.fill();
  server.then_writable = [&, &s = server] {
    if (s.writables < 3) accepted += s.fill();
  };
  on.run_until([&, &s = server, &p = peer] {
    p.read();
    return s.writables == 3;
  });
  read_all(on, peer, accepted);
  on.turn();
  CHECK(server.writables == 3);
  CHECK(peer.received.size() == accepted);
}

CONTRACT_CASE("a stream that waits for room burns no CPU") {
  auto [server, peer] = on.join_peer();
  CHECK(on.fill(server) > 0);
  on.expect_idle();
  CHECK(server.order.empty());
  CHECK_FALSE(peer.ended());
}

CONTRACT_CASE("a stream that has room again burns no CPU") {
  auto [server, peer] = on.join_peer();
  const std::size_t accepted = server.fill();
  read_all(on, peer, accepted);
  on.run_until([&, &s = server] { return s.writables == 1; });
  on.expect_idle();
  CHECK(server.order == "w");
}

CONTRACT_CASE("a paused stream is told of room") {
  auto [server, peer] = on.join_peer();
  server.pause();
  const std::size_t accepted = server.fill();
  read_all(on, peer, accepted);
  on.run_until([&, &s = server] { return s.writables == 1; });
}
