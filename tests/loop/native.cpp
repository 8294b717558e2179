// What is particular to the native loop. What every loop promises is tested in tests/contract.
#include "recording.hpp"

#include <drywire/loop/native.hpp>
#include <drywire/loop/socket.hpp>

#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

using namespace drywire;
using namespace drywire::test;

TEST_CASE("native: echo, with every callback counted") {
  native_pair pair;
  pair.client.send("hello");
  pair.run_until([&] { return pair.server.text == "hello"; });
  pair.server.send("HELLO");
  pair.run_until([&] { return pair.client.text == "HELLO"; });
  pair.client.to->close(seconds(5));
  pair.run_until([&] { return pair.server.eofs == 1; });
  pair.server.to->close(seconds(5));
  pair.run_until([&] { return pair.server.closed && pair.client.closed; });
  CHECK(pair.client.opens == 1);
  CHECK(pair.client.reason == error());
  CHECK(pair.server.reason == error());
  CHECK(pair.client.eofs == 0);
  CHECK(pair.server.opens == 0);
  CHECK(pair.server.writables + pair.client.writables == 0);
}

TEST_CASE("native: an accepted stream has its options, and no write interest of its own") {
  native_pair pair;
  for (stream* s : {pair.client.to, pair.server.to}) {
    int on = 0;
    socklen_t size = sizeof(on);
    REQUIRE(::getsockopt(s->native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0);
    CHECK(on != 0);
    CHECK((::fcntl(s->native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(s->queued() == 0);
  }
  CHECK(pair.client.to->local() == pair.server.to->peer());
  CHECK(pair.client.to->peer() == pair.server.to->local());
}

TEST_CASE("native: close waits for the peer's acknowledgement, and its timeout resets") {
  native_pair pair;
  pair.server.to->pause_reading();
  const std::size_t accepted = pair.client.fill();
  CHECK(accepted > 0);
  pair.client.to->close(milliseconds(20));
  pair.run_until([&] { return pair.client.closed; });
  CHECK(pair.client.reason == error(ETIMEDOUT));
  pair.server.to->resume_reading();
  pair.run_until([&] { return pair.server.closed; });
  CHECK(pair.server.reason == error(ECONNRESET));
  CHECK(pair.server.eofs == 0);
  CHECK(pair.server.received < accepted);
}

TEST_CASE("native: close flushes a full socket to a slow peer") {
  native_pair pair;
  pair.server.to->pause_reading();
  const std::size_t accepted = pair.client.fill();
  pair.client.to->close(seconds(30));
  for (int i = 0; i < 3; ++i) (void)pair.loop->run_once(milliseconds(1));
  CHECK_FALSE(pair.client.closed);
  pair.server.to->resume_reading();
  pair.run_until([&] { return pair.server.eofs == 1 && pair.client.closed; });
  CHECK(pair.server.received == accepted);
  CHECK(pair.client.reason == error());
  CHECK(pair.client.writables == 0);
}

namespace {

// Both directions have ended, but the server hasn't read what the client sent: it hasn't got the
// FIN. Returns the bytes on their way.
std::size_t end_both_ways(native_pair& pair) {
  pair.server.to->pause_reading();
  const std::size_t accepted = pair.client.fill();
  pair.server.to->shutdown_write();
  pair.run_until([&] { return pair.client.eofs == 1; });
  pair.client.to->shutdown_write();
  pair.turn_a_few_times();
  CHECK_FALSE(pair.client.closed);
  return accepted;
}

}  // namespace

TEST_CASE("native: a stream that ended both ways lives until the peer has everything") {
  native_pair pair;
  const std::size_t accepted = end_both_ways(pair);
  pair.server.to->resume_reading();
  pair.run_until([&] { return pair.client.closed && pair.server.closed; });
  CHECK(pair.server.received == accepted);
  CHECK(pair.client.reason == error());
  CHECK(pair.server.reason == error());
  CHECK(pair.client.writables == 0);
}

TEST_CASE("native: a reset behind both ends is told, when bytes are lost by it") {
  native_pair pair;
  (void)end_both_ways(pair);
  pair.server.to->abort();
  pair.run_until([&] { return pair.client.closed; });
  CHECK(pair.client.reason);
}

TEST_CASE("native: a reset behind unread data is told after the data") {
  native_pair pair;
  pair.server.to->pause_reading();
  pair.client.send("last words");
  pair.turn_a_few_times();
  pair.client.to->abort();
  pair.turn_a_few_times();
  CHECK_FALSE(pair.server.closed);
  pair.server.to->resume_reading();
  pair.run_until([&] { return pair.server.closed; });
  CHECK(pair.server.text == "last words");
  CHECK(pair.server.eofs == 0);
  CHECK(pair.server.reason == error(ECONNRESET));
}

TEST_CASE(
    "native: a write that meets the reset still leaves the data readable, never a clean end") {
  native_pair pair;
  pair.client.send("last words");
  pair.client.to->abort();
  // Before the loop looks: the write takes the socket's error away.
  CHECK(pair.server.send("too late") == 0);
  CHECK(pair.server.send("too late") == 0);
  pair.run_until([&] { return pair.server.closed; });
  CHECK(pair.server.text == "last words");
  CHECK(pair.server.eofs == 0);
  CHECK(pair.server.reason == error(ECONNRESET));
}

TEST_CASE("native: a reset is told at once to a paused stream that waits to write") {
  native_pair pair;
  pair.server.to->pause_reading();
  pair.client.to->pause_reading();
  CHECK(pair.server.fill() > 0);
  pair.client.to->abort();
  pair.run_until([&] { return pair.server.closed; });
  CHECK(pair.server.reason == error(ECONNRESET));
  CHECK(pair.server.writables == 0);
}

TEST_CASE("native: a reset behind a FIN is told after the end") {
  native_pair pair;
  pair.client.to->shutdown_write();
  pair.run_until([&] { return pair.server.eofs == 1; });
  pair.client.to->abort();
  pair.run_until([&] { return pair.server.closed; });
  CHECK(pair.server.reason);
}

TEST_CASE("native: one stream's budget doesn't hold up another's single byte") {
  recording other;
  recording other_server;
  native_pair flood;
  flood.accepting.next = &other_server;
  other.to = &flood.loop->connect(flood.listening->local(), other);
  flood.run_until([&] { return other.opens == 1 && other_server.to != nullptr; });
  flood.server.to->pause_reading();
  const std::size_t accepted = flood.client.fill();
  REQUIRE(accepted > 1024UL * 1024);
  std::size_t received_before = 0;
  other_server.on_text = [&] { received_before = flood.server.received; };
  flood.server.to->resume_reading();
  other.send("x");
  flood.run_until([&] { return flood.server.received == accepted; });
  CHECK(other_server.text == "x");
  CHECK(received_before < accepted / 2);
}

TEST_CASE("native: with no descriptor left peers are turned away and the loop is idle") {
  recording later;
  native_pair pair;
  std::vector<descriptor> waiting;
  for (int i = 0; i < 5; ++i) {
    auto begun = connect_socket(pair.listening->local());
    REQUIRE(begun);
    waiting.push_back(std::move(*begun));
  }
  const auto after_a_while = [&] {
    for (int i = 0; i < 20; ++i) (void)pair.loop->run_once(milliseconds(1));
  };
  {
    // Nothing is checked in here: UndefinedBehaviorSanitizer wants descriptors for that.
    const no_more_descriptors limit;
    after_a_while();
  }
  // Nothing is left to do: a wait without a limit would not have ended.
  CHECK(pair.loop->core().next_deadline() == instant::never());
  CHECK(pair.accepting.errors == 1);
  CHECK(pair.accepting.last_error == error(EMFILE));
  CHECK(pair.accepting.accepted == 1);
  for (const descriptor& peer : waiting) {
    std::byte byte{};
    CHECK(receive(peer.get(), {&byte, 1}).error() == error(ECONNRESET));
  }
  pair.accepting.next = nullptr;
  later.to = &pair.loop->connect(pair.listening->local(), later);
  pair.run_until([&] { return pair.accepting.accepted == 2; });
}

TEST_CASE("native: descriptors used again within a batch confuse nobody") {
  recording second;
  recording second_server;
  recording third;
  recording third_server;
  native_pair pair;
  pair.accepting.next = &second_server;
  second.to = &pair.loop->connect(pair.listening->local(), second);
  pair.run_until([&] { return second.opens == 1 && second_server.to != nullptr; });
  // Both are ready in one wait; whichever comes first closes the other and opens a new stream,
  // which gets the number.
  const auto swap = [&](recording& victim) {
    const int number = victim.to->native_handle();
    victim.to->abort();
    third.to = &pair.loop->connect(pair.listening->local(), third);
    CHECK(third.to->native_handle() == number);
  };
  pair.server.on_text = [&] { swap(second_server); };
  second_server.on_text = [&] { swap(pair.server); };
  pair.accepting.next = &third_server;
  pair.client.send("a");
  second.send("b");
  pair.run_until([&] { return third.opens == 1; });
  CHECK(pair.server.received + second_server.received == 1);
  CHECK(third.received == 0);
  CHECK_FALSE(third.closed);
}

TEST_CASE("native: no allocation and no block is left by a request") {
  native_pair pair;
  pair.server.on_text = [&] { pair.server.send("pong"); };
  pair.client.send("ping");
  pair.run_until([&] { return pair.client.text == "pong"; });
  CHECK(pair.loop->core().blocks().held() == 0);
}

TEST_CASE("native: a block taken in on_data stays valid while others receive") {
  native_pair pair;
  pair.server.take = true;
  pair.client.send("first");
  pair.run_until([&] { return pair.server.received == 5; });
  pair.client.send("second");
  pair.run_until([&] { return pair.server.received == 11; });
  REQUIRE(pair.server.taken.size() == 2);
  CHECK(as_text(pair.server.taken[0].memory().first(5)) == "first");
  CHECK(as_text(pair.server.taken[1].memory().first(6)) == "second");
  CHECK(pair.loop->core().blocks().held() == 2);
  pair.server.taken.clear();
}

TEST_CASE("native: the loop's end tells everybody ECANCELED") {
  recording unreachable;
  native_pair pair;
  unreachable.to = &pair.loop->connect(pair.listening->local(), unreachable);
  pair.loop.reset();
  CHECK(pair.client.closed);
  CHECK(pair.client.reason == error(ECANCELED));
  CHECK(pair.server.reason == error(ECANCELED));
  CHECK(unreachable.reason == error(ECANCELED));
  CHECK(pair.accepting.closed == 1);
}

TEST_CASE("native: run ends when nothing is left, and isn't entered twice") {
  const auto loop = make_native();
  REQUIRE(loop);
  CHECK_FALSE(loop->run());
  error inner;
  int ran = 0;
  CHECK(loop->core().post([&] {
    inner = loop->run();
    CHECK_FALSE(loop->run_once(duration()));
    ++ran;
  }));
  CHECK_FALSE(loop->run());
  CHECK(ran == 1);
  CHECK(inner == error(EBUSY));
}

TEST_CASE("native: stop before run ends that run, and only that one") {
  native_pair pair;
  pair.loop->stop();
  CHECK_FALSE(pair.loop->run());
  CHECK(pair.loop->core().post([&] { pair.loop->stop(); }));
  CHECK_FALSE(pair.loop->run());
  std::thread other([remote = pair.loop->core().remote()] { remote.stop(); });
  CHECK_FALSE(pair.loop->run());
  other.join();
}

namespace {

struct counting_signals final : signal_handler {
  void on_signal(int number) noexcept override {
    last = number;
    ++count;
  }
  int last = 0;
  int count = 0;
};

}  // namespace

TEST_CASE("native: a signal is told on the loop, to one handler of the process") {
  const auto loop = make_native();
  const auto other_loop = make_native();
  counting_signals signals;
  REQUIRE_FALSE(loop->handle_signal(SIGUSR1, signals));
  CHECK(loop->handle_signal(SIGUSR1, signals) == error(EBUSY));
  CHECK(other_loop->handle_signal(SIGUSR1, signals) == error(EBUSY));
  CHECK(loop->handle_signal(SIGKILL, signals) == error(EINVAL));
  CHECK(loop->handle_signal(0, signals) == error(EINVAL));
  CHECK(loop->handle_signal(65, signals) == error(EINVAL));
  for (int i = 0; i < 3; ++i) ::raise(SIGUSR1);
  CHECK(signals.count == 0);
  (void)loop->run_once(seconds(10));
  CHECK(signals.count == 1);
  CHECK(signals.last == SIGUSR1);
  loop->remove_signal(SIGUSR1);
  struct sigaction action {};
  REQUIRE(::sigaction(SIGUSR1, nullptr, &action) == 0);
  CHECK(action.sa_handler == SIG_DFL);
  CHECK_FALSE(other_loop->handle_signal(SIGUSR1, signals));
}

TEST_CASE("native: a loop that dies gives its signals back") {
  counting_signals signals;
  {
    const auto loop = make_native();
    REQUIRE_FALSE(loop->handle_signal(SIGUSR2, signals));
    REQUIRE_FALSE(loop->handle_signal(SIGPIPE, signals));
  }
  struct sigaction action {};
  REQUIRE(::sigaction(SIGUSR2, nullptr, &action) == 0);
  CHECK(action.sa_handler == SIG_DFL);
  REQUIRE(::sigaction(SIGPIPE, nullptr, &action) == 0);
  CHECK(action.sa_handler == SIG_IGN);
}

TEST_CASE("native: signals race with handlers that come and go") {
  // Between two handlers the signal would have its default action, which ends the process.
  const auto ignore = [] { ::signal(SIGUSR2, SIG_IGN); };
  const auto block = [](int how) {
    ::sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGUSR2);
    ::pthread_sigmask(how, &only, nullptr);
  };
  ignore();
  std::atomic<bool> done = false;
  std::thread sender([&done, to = ::pthread_self()] {
    while (!done) ::pthread_kill(to, SIGUSR2);
  });
  counting_signals signals;
  for (int round = 0; round < 200; ++round) {
    const auto loop = make_native();
    REQUIRE_FALSE(loop->handle_signal(SIGUSR2, signals));
    while (signals.count <= round) (void)loop->run_once(seconds(1));
    block(SIG_BLOCK);
    loop->remove_signal(SIGUSR2);
    ignore();
    block(SIG_UNBLOCK);
  }
  done = true;
  sender.join();
  CHECK(signals.last == SIGUSR2);
}

TEST_CASE("native: making a loop without descriptors says why") {
  std::unique_ptr<backend> made;
  error failure;
  {
    const no_more_descriptors limit;
    made = make_native(&failure);
  }
  CHECK(made == nullptr);
  CHECK(failure == error(EMFILE));
  CHECK(make_native(&failure) != nullptr);
  CHECK_FALSE(failure);
}
