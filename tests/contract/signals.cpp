// Signals: told on the loop's thread, and never in the way of waits and timers.
#include "case.hpp"

#include <drywire/contract/nodes.hpp>

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

CONTRACT_LIST(signal_cases)

using namespace drywire;
using namespace drywire::contract;

namespace {

class counting final : public signal_handler {
 public:
  int count = 0;
  int last = 0;
  std::thread::id thread;
  std::function<void()> then;

 private:
  void on_signal(int number) noexcept override {
    ++count;
    last = number;
    thread = std::this_thread::get_id();
    if (then) then();
  }
};

bool has_default_action(int number) {
  struct sigaction action {};
  REQUIRE(::sigaction(number, nullptr, &action) == 0);
  return action.sa_handler == SIG_DFL;
}

}  // namespace

CONTRACT_CASE("a signal is told on the loop's thread, inside a scope", capability::signals) {
  counting signals;
  bool in_scope = false;
  signals.then = [&] { in_scope = on.core().in_scope(); };
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  ::raise(SIGUSR1);
  CHECK(signals.count == 0);
  on.run_until([&] { return signals.count != 0; });
  CHECK(signals.count == 1);
  CHECK(signals.last == SIGUSR1);
  CHECK(signals.thread == std::this_thread::get_id());
  CHECK(in_scope);
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("a signal wakes a blocked loop", capability::signals) {
  const recording_listener& listening = on.listen();
  counting signals;
  signals.then = [&] { on.loop().stop(); };
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  std::atomic<bool> running = false;
  CHECK(on.core().post([&] { running = true; }));
  std::thread other([&, self = ::pthread_self()] {
    while (!running) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ::pthread_kill(self, SIGUSR1);
  });
  on.run();
  other.join();
  CHECK(signals.count == 1);
  CHECK(listening.closes == 0);
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("a burst of a signal is told at least once", capability::signals) {
  counting signals;
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  for (int i = 0; i != 100; ++i) ::raise(SIGUSR1);
  on.run_until([&] { return signals.count != 0; });
  on.turn();
  CHECK(signals.count <= 100);
  const int before = signals.count;
  ::raise(SIGUSR1);
  on.run_until([&] { return signals.count > before; });
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("two signals are told apart", capability::signals) {
  counting first;
  counting second;
  REQUIRE(on.loop().handle_signal(SIGUSR1, first) == error());
  REQUIRE(on.loop().handle_signal(SIGUSR2, second) == error());
  ::raise(SIGUSR2);
  on.run_until([&] { return second.count == 1; });
  CHECK(second.last == SIGUSR2);
  CHECK(first.count == 0);
  on.loop().remove_signal(SIGUSR1);
  on.loop().remove_signal(SIGUSR2);
}

CONTRACT_CASE("a signal has one handler in a process, whatever the loop", capability::signals) {
  fixture other(on.tested());
  counting first;
  counting second;
  REQUIRE(on.loop().handle_signal(SIGUSR1, first) == error());
  CHECK(on.loop().handle_signal(SIGUSR1, second) == error(EBUSY));
  CHECK(other.loop().handle_signal(SIGUSR1, second) == error(EBUSY));
  other.loop().remove_signal(SIGUSR1);  // not its own: no effect
  ::raise(SIGUSR1);
  on.run_until([&] { return first.count == 1; });
  CHECK(second.count == 0);
  on.loop().remove_signal(SIGUSR1);
  CHECK(other.loop().handle_signal(SIGUSR1, second) == error());
  ::raise(SIGUSR1);
  other.run_until([&] { return second.count == 1; });
  CHECK(first.count == 1);
  other.loop().remove_signal(SIGUSR1);
  other.tear_down();
}

CONTRACT_CASE("what can't be caught is refused", capability::signals) {
  counting signals;
  for (const int number : {0, -1, SIGKILL, SIGSTOP, 65, 1000}) {
    INFO("signal " << number);
    CHECK(on.loop().handle_signal(number, signals) == error(EINVAL));
    on.loop().remove_signal(number);
  }
}

CONTRACT_CASE("a removed handler restores the default action", capability::signals) {
  counting signals;
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  CHECK_FALSE(has_default_action(SIGUSR1));
  on.loop().remove_signal(SIGUSR1);
  on.loop().remove_signal(SIGUSR1);
  CHECK(has_default_action(SIGUSR1));
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  ::raise(SIGUSR1);
  on.run_until([&] { return signals.count == 1; });
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("a handler removed before its signal is told hears nothing", capability::signals) {
  counting signals;
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  ::raise(SIGUSR1);
  on.loop().remove_signal(SIGUSR1);
  on.turn();
  CHECK(signals.count == 0);
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  on.turn();
  CHECK(signals.count == 0);  // nor of the old one later
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("a handler may be removed, and another put, from its callback", capability::signals) {
  counting first;
  counting second;
  first.then = [&] {
    on.loop().remove_signal(SIGUSR1);
    CHECK(on.loop().handle_signal(SIGUSR1, second) == error());
  };
  REQUIRE(on.loop().handle_signal(SIGUSR1, first) == error());
  ::raise(SIGUSR1);
  on.run_until([&] { return first.count == 1; });
  ::raise(SIGUSR1);
  on.run_until([&] { return second.count == 1; });
  CHECK(first.count == 1);
  on.loop().remove_signal(SIGUSR1);
}

CONTRACT_CASE("a handled signal doesn't keep run from returning", capability::signals) {
  counting signals;
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  on.run();
  on.loop().remove_signal(SIGUSR1);
  on.run();
}

CONTRACT_CASE("a loop that is destroyed gives its signals back", capability::signals) {
  counting signals;
  REQUIRE(on.loop().handle_signal(SIGUSR1, signals) == error());
  on.destroy_loop();
  CHECK(has_default_action(SIGUSR1));
  fixture other(on.tested());
  CHECK(other.loop().handle_signal(SIGUSR1, signals) == error());
  other.loop().remove_signal(SIGUSR1);
  other.tear_down();
}

CONTRACT_CASE("interrupted waits neither fire timers early nor end run", capability::signals) {
  struct sigaction nothing {};
  struct sigaction before {};
  nothing.sa_handler = [](int) {};  // without SA_RESTART: waits end with EINTR
  REQUIRE(::sigaction(SIGUSR2, &nothing, &before) == 0);
  const recording_listener& listening = on.listen();
  const instant deadline = on.loop().time().steady + milliseconds(50);
  called_timer timer([&] {
    CHECK(on.loop().time().steady >= deadline);
    on.loop().stop();
  });
  on.core().arm(timer, deadline);
  std::atomic<bool> over = false;
  std::thread other([&, self = ::pthread_self()] {
    while (!over) {
      ::pthread_kill(self, SIGUSR2);
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  });
  on.run();
  over = true;
  other.join();
  CHECK(timer.fired == 1);
  CHECK(listening.closes == 0);
  REQUIRE(::sigaction(SIGUSR2, &before, nullptr) == 0);
}
