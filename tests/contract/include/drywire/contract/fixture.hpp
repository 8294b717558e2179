// What a case works with: a fresh loop, handlers that outlive it, ways to open streams and to run
// the loop, and the check that nothing is left.
//
// Handlers and listeners count all that they are told, and note as a violation what no loop may do;
// tear_down() reports those. They assert nothing while the loop runs: Catch2 is for one thread at a
// time, and a case may run two loops in two threads. A case does the same, and checks what happened
// once its threads are joined.
#pragma once

#include <drywire/contract/cases.hpp>
#include <drywire/contract/raw_peer.hpp>
#include <drywire/contract/recording_handler.hpp>
#include <drywire/contract/watchdog.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace drywire::contract {

class fixture;

/// Gives each accepted stream a recording_handler of its own.
class recording_listener final : public accept_handler {
 public:
  explicit recording_listener(fixture& on) : on_(on) {}

  listener* to = nullptr;  // null once it is closed
  endpoint where;
  std::vector<recording_handler*> streams;  // accepted
  int errors = 0;
  error last_error;
  int closes = 0;
  std::vector<std::string> violations;  // of the contract, in words
  std::function<void(recording_handler&)> then_accept;
  std::function<void()> then_error;

  void close();

 private:
  void on_accept(listener& from, stream& accepted) noexcept override;
  void on_accept_error(listener& from, error failure) noexcept override;
  void on_listener_closed(listener& from) noexcept override;

  fixture& on_;
  bool closing_ = false;
};

class fixture {
 public:
  explicit fixture(const loop_under_test& tested);
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;
  ~fixture();

  [[nodiscard]] const loop_under_test& tested() const noexcept { return tested_; }
  [[nodiscard]] backend& loop() noexcept { return *loop_; }
  [[nodiscard]] loop_core& core() noexcept { return loop_->core(); }
  /// What lives is told ECANCELED.
  void destroy_loop();
  [[nodiscard]] bool has_loop() const noexcept { return loop_ != nullptr; }

  /// A new handler, which lives as long as the fixture.
  [[nodiscard]] recording_handler& handler() { return handlers_.emplace_back(); }
  recording_listener& listen(const endpoint& where = endpoint::loopback_v4(0),
                             const listen_options& options = {});
  recording_handler& connect(const endpoint& where);

  /// Two streams of the loop, open, joined.
  struct joined {
    recording_handler& client;
    recording_handler& server;
  };
  [[nodiscard]] joined join();
  /// An accepted stream and the plain socket that connected to it.
  struct with_peer {
    recording_handler& stream;
    raw_peer peer;
  };
  [[nodiscard]] with_peer join_peer();

  /// Runs the loop until `condition` holds; fails the case at the time limit.
  template <class Condition>
  void run_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + case_time_max;
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < give_up);
      (void)loop_->run_once(milliseconds(1));
    }
  }
  /// Fills a stream whose peer doesn't read, for good: while the two systems still find room, each
  /// short write is followed by one on_writable, which then isn't counted any more. Returns the
  /// bytes accepted.
  std::size_t fill(recording_handler& to);
  /// A few waits: what has happened already is told by then.
  void turn(int times = 5);
  /// run(), which the watchdog ends at the time limit: then the case has failed.
  void run();
  /// Runs the loop for 300 ms, and checks that the process used next to no CPU time meanwhile. How
  /// much it was stands in what --reporter contract (and -s) prints.
  void expect_idle();
  /// Runs the loop for about that long. Returns the CPU time that the process used.
  duration cpu_of_running(duration how_long);

  /// Closes what a case left open and checks that nothing remains.
  void tear_down();

 private:
  void forget();
  void expect_nothing_left();

  const loop_under_test& tested_;
  std::deque<recording_handler> handlers_;
  std::deque<recording_listener> listeners_;
  std::optional<watchdog> watchdog_;  // outlives the loop: its end is watched too
  std::unique_ptr<backend> loop_;
};

}  // namespace drywire::contract
