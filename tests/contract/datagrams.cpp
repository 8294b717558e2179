// UDP, over both families.
#include "case.hpp"
#include "post_box.hpp"

#include <drywire/contract/nodes.hpp>
#include <drywire/contract/pattern.hpp>
#include <drywire/contract/process.hpp>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

CONTRACT_LIST(datagram_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

// A UDP port that nobody has.
endpoint dead_port(fixture& on, const endpoint& where) { return post_box(on, where).address; }

}  // namespace

CONTRACT_CASE("UDP v4: there and back", capability::datagrams) {
  exchange(on, endpoint::loopback_v4(0), endpoint::loopback_v4(0));
}

CONTRACT_CASE("UDP v6: there and back", capability::datagrams | capability::ipv6) {
  exchange(on, endpoint::loopback_v6(0), endpoint::loopback_v6(0));
}

CONTRACT_CASE("UDP: an IPv6 socket on any address takes IPv4 too, and answers",
              capability::datagrams | capability::ipv6) {
  post_box both(on, *endpoint::parse("[::]:0"));
  post_box v4(on);
  post_box v6(on, endpoint::loopback_v6(0));
  CHECK_FALSE(v4.send("4", endpoint::loopback_v4(both.address.port())));
  CHECK_FALSE(v6.send("6", endpoint::loopback_v6(both.address.port())));
  on.run_until([&] { return both.letters.size() == 2; });
  for (const letter& l : both.letters) CHECK_FALSE(both.send("answer", l.from));
  on.run_until([&] { return v4.letters.size() == 1 && v6.letters.size() == 1; });
  CHECK(v4.letters[0].from == endpoint::loopback_v4(both.address.port()));
}

CONTRACT_CASE("UDP: v6only leaves the port to an IPv4 socket",
              capability::datagrams | capability::ipv6) {
  post_box v6(on, *endpoint::parse("[::]:0"), {.v6_only = true});
  post_box v4(on, endpoint::loopback_v4(v6.address.port()));
  post_box sender(on);
  CHECK_FALSE(sender.send("4", v4.address));
  on.run_until([&] { return v4.letters.size() == 1; });
  CHECK(v6.letters.empty());
}

CONTRACT_CASE("UDP: an address in use says EADDRINUSE, one that isn't ours EADDRNOTAVAIL",
              capability::datagrams) {
  const post_box first(on);
  CHECK(bind_error(on, first.address) == error(EADDRINUSE));
  // RFC 5737 3: for documentation, so it is nobody's.
  CHECK(bind_error(on, *endpoint::parse("192.0.2.1:0")) == error(EADDRNOTAVAIL));
}

CONTRACT_CASE("UDP: two loops share a port", capability::datagrams | capability::reuse_port) {
  constexpr std::size_t count = 64;
  fixture other(on.tested());
  {
    post_box first(on, endpoint::loopback_v4(0), {.reuse_port = true});
    post_box second(other, first.address, {.reuse_port = true});
    for (std::size_t i = 0; i != count; ++i) {
      post_box sender(on);
      CHECK_FALSE(sender.send("x", first.address));
    }
    on.run_until([&] {
      other.turn(1);
      return first.letters.size() + second.letters.size() == count;
    });
    CHECK_FALSE(first.letters.empty());
    CHECK_FALSE(second.letters.empty());
  }
  other.tear_down();
}

CONTRACT_CASE("empty datagram: it comes, between others", capability::datagrams) {
  post_box a(on);
  post_box b(on);
  CHECK_FALSE(a.send("", b.address));
  CHECK_FALSE(a.send("x", b.address));
  CHECK_FALSE(a.send(std::span<const const_bytes>(), b.address));
  on.run_until([&] { return b.letters.size() == 3; });
  CHECK(b.letters[0].text.empty());
  CHECK(b.letters[1].text == "x");
  CHECK(b.letters[2].text.empty());
  CHECK(b.letters[2].from == a.address);
}

CONTRACT_CASE("the longest UDP datagram comes whole, what is too big says EMSGSIZE",
              capability::datagrams) {
  constexpr std::size_t longest = 65'507;  // RFC 768, RFC 791: 65,535 less the headers
  post_box a(on);
  post_box b(on);
  const std::string bytes = pattern(longest);
  CHECK(a.send(bytes + 'x', b.address) == error(EMSGSIZE));
  CHECK(a.send(pattern(100'000), b.address) == error(EMSGSIZE));
  CHECK_FALSE(a.send(bytes, b.address));
  on.run_until([&] { return b.letters.size() == 1; });
  CHECK(b.letters[0].text == bytes);
  CHECK_FALSE(b.letters[0].truncated);
  CHECK(a.writables == 0);
  on.turn();
  CHECK(a.returned.empty());
}

CONTRACT_CASE("the pieces of a datagram are gathered, but not more than 64",
              capability::datagrams) {
  post_box a(on);
  post_box b(on);
  std::vector<const_bytes> pieces(64, text_bytes("p"));
  pieces.insert(pieces.begin() + 3, 100, const_bytes());
  pieces.insert(pieces.end(), 100, const_bytes());
  CHECK_FALSE(a.send(pieces, b.address));
  pieces.push_back(text_bytes("p"));
  CHECK(a.send(pieces, b.address) == error(EMSGSIZE));
  CHECK_FALSE(a.send("end", b.address));
  on.run_until([&] { return b.letters.size() == 2; });
  CHECK(b.letters[0].text == std::string(64, 'p'));
}

CONTRACT_CASE("truncation: what is longer than size_max is cut, and says so",
              capability::datagrams) {
  post_box a(on);
  post_box b(on, endpoint::loopback_v4(0), {.size_max = 10});
  for (const std::size_t size : {9U, 10U, 11U, 60'000U}) {
    CHECK_FALSE(a.send(pattern(size), b.address));
  }
  on.run_until([&] { return b.letters.size() == 4; });
  CHECK(b.letters[0].text == pattern(9));
  CHECK_FALSE(b.letters[0].truncated);
  CHECK(b.letters[1].text == pattern(10));
  CHECK_FALSE(b.letters[1].truncated);
  for (const std::size_t cut : {2U, 3U}) {
    CHECK(b.letters[cut].text == pattern(10));
    CHECK(b.letters[cut].truncated);
  }
}

CONTRACT_CASE("ICMP unreachable: told with the receiver, and the socket goes on",
              capability::datagrams) {
  post_box a(on);
  post_box b(on);
  const endpoint dead = dead_port(on, endpoint::loopback_v4(0));
  CHECK_FALSE(a.send("lost", dead));
  on.run_until([&] { return a.returned.size() == 1; });
  CHECK(a.returned[0].failure == error(ECONNREFUSED));
  CHECK(a.returned[0].to == dead);
  on.expect_idle();
  CHECK_FALSE(a.send("arrives", b.address));
  on.run_until([&] { return b.letters.size() == 1; });
  CHECK_FALSE(b.send("back", a.address));
  on.run_until([&] { return a.letters.size() == 1; });
  CHECK(a.returned.size() == 1);
}

CONTRACT_CASE("ICMP unreachable: over IPv6", capability::datagrams | capability::ipv6) {
  post_box a(on, endpoint::loopback_v6(0));
  const endpoint dead = dead_port(on, endpoint::loopback_v6(0));
  CHECK_FALSE(a.send("lost", dead));
  on.run_until([&] { return a.returned.size() == 1; });
  CHECK(a.returned[0].failure == error(ECONNREFUSED));
  CHECK(a.returned[0].to == dead);
}

CONTRACT_CASE("ICMP unreachable: isn't taken for the next datagram's failure",
              capability::datagrams) {
  post_box a(on);
  post_box b(on);
  const endpoint dead = dead_port(on, endpoint::loopback_v4(0));
  for (int i = 0; i != 5; ++i) {
    CHECK_FALSE(a.send("lost", dead));
    CHECK_FALSE(a.send("arrives", b.address));
    CHECK_FALSE(b.send("back", a.address));
  }
  on.run_until([&] { return a.returned.size() == 5 && b.letters.size() == 5; });
  on.run_until([&] { return a.letters.size() == 5; });
  on.expect_idle();
}

CONTRACT_CASE("500 in a burst: each comes, in order, and others have their turn",
              capability::datagrams) {
  constexpr std::size_t count = 500;
  post_box a(on);
  post_box b(on);
  for (std::size_t i = 0; i != count; ++i) CHECK_FALSE(a.send(std::to_string(i), b.address));
  std::size_t come_by_turn_end = 0;
  called_turn_end first_turn([&] { come_by_turn_end = b.letters.size(); });
  b.then_datagram = [&](lent_buffer&) {
    if (b.letters.size() == 1) on.core().at_turn_end(first_turn);
  };
  on.run_until([&] { return b.letters.size() == count; });
  for (std::size_t i = 0; i != count; ++i) CHECK(b.letters[i].text == std::to_string(i));
  CHECK(come_by_turn_end < count / 2);
}

CONTRACT_CASE("a datagram's block may be taken, and is replaced", capability::datagrams) {
  post_box a(on);
  post_box b(on);
  std::vector<std::pair<block, mutable_bytes>> taken;
  b.then_datagram = [&](lent_buffer& lent) {
    const mutable_bytes bytes = lent.bytes();
    taken.emplace_back(lent.take(), bytes);
  };
  for (const char* text : {"first", "second", "third"}) CHECK_FALSE(a.send(text, b.address));
  on.run_until([&] { return taken.size() == 3; });
  CHECK(as_text(taken[0].second) == "first");
  CHECK(as_text(taken[1].second) == "second");
  CHECK(as_text(taken[2].second) == "third");
}

CONTRACT_CASE("datagrams: paused, none comes; resumed, those that waited do",
              capability::datagrams) {
  post_box a(on);
  post_box b(on);
  b.pause();
  CHECK_FALSE(a.send("one", b.address));
  CHECK_FALSE(a.send("two", b.address));
  on.expect_idle();
  CHECK(b.letters.empty());
  b.then_datagram = [&](lent_buffer&) { b.pause(); };
  b.resume();
  on.run_until([&] { return b.letters.size() == 1; });
  on.turn();
  CHECK(b.all_text() == "one");
  b.resume();
  on.run_until([&] { return b.letters.size() == 2; });
  CHECK(b.all_text() == "onetwo");
}

CONTRACT_CASE("datagrams: closed within on_datagram, nothing follows but on_closed",
              capability::datagrams) {
  post_box a(on);
  post_box b(on);
  for (int i = 0; i != 3; ++i) CHECK_FALSE(a.send("x", b.address));
  b.then_datagram = [&](lent_buffer&) {
    datagram_socket& socket = *b.to;
    b.close();
    b.close();
    CHECK(socket.send_to(std::span<const const_bytes>(), a.address) == error(EBADF));
    CHECK(socket.native_handle() == -1);
    CHECK(socket.local() == b.address);
  };
  on.run_until([&] { return b.closes == 1; });
  CHECK(b.letters.size() == 1);
  CHECK(b.reason == error());
}

CONTRACT_CASE("datagrams: EMFILE is the result", capability::datagrams) {
  const no_more_descriptors limit;
  CHECK(bind_error(on, endpoint::loopback_v4(0)) == error(EMFILE));
}
