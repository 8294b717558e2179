// Datagrams of the Unix domain: names, and receivers that are full.
#include "case.hpp"
#include "post_box.hpp"
#include "socket_path.hpp"

#include <drywire/contract/pattern.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

CONTRACT_LIST(unix_datagram_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

constexpr capability unix_datagrams = capability::datagrams | capability::unix_sockets;

// Bound by nobody's loop.
descriptor plain_socket(const endpoint& where) {
  descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(fd.get(), static_cast<const sockaddr*>(where.native()),
                 static_cast<socklen_t>(where.native_size())) == 0);
  return fd;
}

// Datagrams of `size` until one says EAGAIN. Returns how many were accepted.
std::size_t fill(post_box& from, std::size_t& sent, std::size_t size, const endpoint& receiver) {
  const std::size_t before = sent;
  while (true) {
    const error failure = from.send(pattern(size, sent * size), receiver);
    if (failure == error(EAGAIN)) return sent - before;
    REQUIRE_FALSE(failure);
    ++sent;
  }
}

}  // namespace

CONTRACT_CASE("Unix datagrams: there and back by paths", unix_datagrams) {
  const socket_path a_name;
  const socket_path b_name;
  exchange(on, a_name.where(), b_name.where());
  CHECK_FALSE(a_name.exists());
  CHECK_FALSE(b_name.exists());
}

CONTRACT_CASE("Unix datagrams: there and back by names that the system chose",
              unix_datagrams | capability::abstract_names) {
  exchange(on, endpoint::unix_unnamed(), endpoint::unix_unnamed());
}

CONTRACT_CASE("would-block then writable: a receiver that is full, in the Unix domain",
              unix_datagrams) {
  const socket_path a_name;
  const socket_path b_name;
  post_box from(on, a_name.where());
  post_box receiver(on, b_name.where());
  receiver.pause();
  std::size_t sent = 0;
  CHECK(fill(from, sent, 8, receiver.address) > 0);
  CHECK(fill(from, sent, 8, receiver.address) == 0);
  on.run_until([&] { return from.writables != 0; });
  on.turn();
  CHECK(from.writables == 1);
  // Trying again and again is cheap, and in vain.
  from.then_writable = [&] { CHECK(fill(from, sent, 8, receiver.address) == 0); };
  from.then_writable();
  on.expect_idle();
  const std::size_t sent_before = sent;
  from.then_writable = [&] {
    if (sent < sent_before + 100) fill(from, sent, 8, receiver.address);
  };
  receiver.resume();
  on.run_until([&] { return sent >= sent_before + 100 && receiver.letters.size() == sent; });
  CHECK(receiver.all_text() == pattern(sent * 8));
}

CONTRACT_CASE("would-block then writable: our own side is full", unix_datagrams) {
  constexpr std::size_t size = 60'000;
  const socket_path a_name;
  const socket_path b_name;
  post_box from(on, a_name.where());
  post_box receiver(on, b_name.where());
  receiver.pause();
  std::size_t sent = 0;
  CHECK(fill(from, sent, size, receiver.address) > 0);
  on.expect_idle();
  CHECK(from.writables == 0);
  receiver.resume();
  on.run_until([&] { return from.writables == 1 && receiver.letters.size() == sent; });
  on.turn();
  CHECK(from.writables == 1);
  CHECK_FALSE(from.send(pattern(size, sent * size), receiver.address));
  on.run_until([&] { return receiver.letters.size() == sent + 1; });
  CHECK(receiver.all_text() == pattern((sent + 1) * size));
}

CONTRACT_CASE("Unix datagrams: nobody there says ENOENT, a stale one ECONNREFUSED",
              unix_datagrams) {
  const socket_path a_name;
  const socket_path b_name;
  post_box a(on, a_name.where());
  CHECK(a.send("x", b_name.where()) == error(ENOENT));
  plain_socket(b_name.where()).close();
  CHECK(a.send("x", b_name.where()) == error(ECONNREFUSED));
  CHECK_FALSE(a.send("goes on", a_name.where()));
  on.run_until([&] { return a.letters.size() == 1; });
}

CONTRACT_CASE("Unix datagrams: a stale socket file is replaced, one in use isn't", unix_datagrams) {
  const socket_path a_name;
  const socket_path b_name;
  const descriptor in_use = plain_socket(a_name.where());
  CHECK(bind_error(on, a_name.where()) == error(EADDRINUSE));
  plain_socket(b_name.where()).close();
  post_box b(on, b_name.where());
  CHECK_FALSE(b.send("x", b_name.where()));
  on.run_until([&] { return b.letters.size() == 1; });
}

CONTRACT_CASE("Unix datagrams: no port is shared", unix_datagrams) {
  const socket_path a_name;
  CHECK(bind_error(on, a_name.where(), {.reuse_port = true}) == error(ENOTSUP));
  CHECK_FALSE(a_name.exists());
}

CONTRACT_CASE("Unix datagrams: a sender without a name", unix_datagrams) {
  const socket_path a_name;
  post_box a(on, a_name.where());
  const descriptor nameless(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::sendto(nameless.get(), "hi", 2, 0, static_cast<const sockaddr*>(a.address.native()),
                   static_cast<socklen_t>(a.address.native_size())) == 2);
  on.run_until([&] { return a.letters.size() == 1; });
  CHECK(a.letters[0].from == endpoint::unix_unnamed());
}

CONTRACT_CASE("datagrams: a loop that is destroyed says ECANCELED, and removes the file",
              unix_datagrams) {
  const socket_path a_name;
  post_box a(on, a_name.where());
  on.destroy_loop();
  CHECK(a.closes == 1);
  CHECK(a.reason == error(ECANCELED));
  CHECK_FALSE(a_name.exists());
}
