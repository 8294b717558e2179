// What a request costs on the native loop, counted in calls: the program's own definitions of the
// system's calls come before those of the C library.
#include "../support/allocations.hpp"
#include "recording.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

namespace {

struct call_counts {
  int recv = 0;
  int send = 0;
  int epoll_wait = 0;
  int epoll_ctl = 0;
};

constinit call_counts counts;

}  // namespace

extern "C" {

ssize_t recv(int fd, void* into, size_t size, int flags) {
  ++counts.recv;
  return ::syscall(SYS_recvfrom, fd, into, size, flags, nullptr, nullptr);
}

ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  ++counts.send;
  return ::syscall(SYS_sendto, fd, bytes, size, flags, nullptr, 0);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  ++counts.send;
  return ::syscall(SYS_sendmsg, fd, message, flags);
}

int epoll_wait(int fd, epoll_event* events, int max, int timeout_ms) {
  ++counts.epoll_wait;
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait, fd, events, max, timeout_ms, nullptr, std::size_t{8}));
}

int epoll_ctl(int fd, int operation, int target, epoll_event* event) noexcept {
  ++counts.epoll_ctl;
  return static_cast<int>(::syscall(SYS_epoll_ctl, fd, operation, target, event));
}

}  // extern "C"

using namespace drywire;
using namespace drywire::test;

namespace {

// Sends back what it gets, `rounds` times.
class ball_player final : public stream_handler {
 public:
  void on_data(stream& s, lent_buffer& lent) noexcept override {
    const const_bytes piece = lent.bytes();
    if (rounds-- > 0) (void)s.write({&piece, 1});
  }
  void on_eof(stream&) noexcept override {}
  void on_closed(stream&, error) noexcept override {}

  int rounds = 0;
};

}  // namespace

TEST_CASE("native: a request is one recv and one send, at most one wait, and no allocation") {
  constexpr int requests = 1000;
  ball_player left;
  ball_player right;
  native_pair pair;
  pair.client.to->set_handler(left);
  pair.server.to->set_handler(right);
  const auto play = [&](int rounds) {
    left.rounds = right.rounds = rounds;
    const const_bytes ball = text_bytes("ball");
    REQUIRE(pair.client.to->write({&ball, 1}) == ball.size());
    while (right.rounds >= 0) (void)pair.loop->run_once(seconds(10));
  };
  play(1);  // the first draws the block
  counts = {};
  const std::size_t allocations_before = tests::allocations();
  play(requests);
  const call_counts seen = counts;
  const std::size_t allocations = tests::allocations() - allocations_before;
  // The first ball is of nobody's rounds, and the last one of the right's isn't sent back.
  constexpr int balls = 2 * requests + 1;
  CHECK(seen.send == balls);
  CHECK(seen.recv == balls);
  CHECK(seen.epoll_wait <= balls);
  CHECK(seen.epoll_ctl == 0);
  CHECK(allocations < 10);  // the test's own
}

TEST_CASE("native: a paused stream costs one wait for each arrival at most, and no read") {
  native_pair pair;
  pair.server.to->pause_reading();
  pair.client.send("data");
  pair.client.to->shutdown_write();
  pair.turn_a_few_times();
  counts = {};
  (void)pair.loop->run_once(milliseconds(20));
  CHECK(counts.recv == 0);
  CHECK(counts.epoll_wait == 1);
  pair.server.to->resume_reading();
  pair.run_until([&] { return pair.server.eofs == 1; });
  CHECK(pair.server.text == "data");
}

TEST_CASE("native: only a stream whose write was short is watched for room, once") {
  native_pair pair;
  counts = {};
  for (int i = 0; i < 3; ++i) {
    pair.server.to->pause_reading();
    CHECK(pair.client.fill() > 0);
    pair.server.to->resume_reading();
    pair.run_until([&] { return pair.client.writables == i + 1; });
  }
  // The client was connected, and such a stream is watched for room from the start.
  CHECK(counts.epoll_ctl == 0);
  for (int i = 0; i < 3; ++i) {
    pair.client.to->pause_reading();
    CHECK(pair.server.fill() > 0);
    pair.client.to->resume_reading();
    pair.run_until([&] { return pair.server.writables == i + 1; });
  }
  CHECK(counts.epoll_ctl == 1);
}

namespace {

// Sends back what it gets, until it has got enough.
class echoing_datagrams final : public datagram_handler {
 public:
  void on_datagram(datagram_socket& socket, lent_buffer& lent, const endpoint& from,
                   bool) noexcept override {
    const const_bytes bytes = lent.bytes();
    if (++received < received_max) (void)socket.send_to({&bytes, 1}, from);
  }
  void on_closed(datagram_socket&, error) noexcept override {}

  int received = 0;
  int received_max = 0;
};

}  // namespace

TEST_CASE("native: datagrams allocate nothing, and are one send each") {
  constexpr int datagrams = 1000;
  const auto loop = make_native();
  REQUIRE(loop);
  echoing_datagrams left;
  echoing_datagrams right;
  left.received_max = right.received_max = datagrams;
  const auto a = loop->bind_datagram(endpoint::loopback_v4(0), left);
  const auto b = loop->bind_datagram(endpoint::loopback_v4(0), right);
  REQUIRE((a && b));
  const const_bytes ball = text_bytes("ball");
  REQUIRE_FALSE((*a)->send_to({&ball, 1}, (*b)->local()));
  while (left.received < 2) (void)loop->run_once(seconds(10));  // the first draws the block
  counts = {};
  const std::size_t allocations_before = tests::allocations();
  const int received_before = left.received + right.received;
  while (left.received < datagrams && right.received < datagrams) {
    (void)loop->run_once(seconds(10));
  }
  const call_counts seen = counts;
  CHECK(tests::allocations() == allocations_before);
  CHECK(seen.send <= left.received + right.received - received_before);
  CHECK(seen.epoll_ctl == 0);
}
