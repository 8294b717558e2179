#include "suite.hpp"

#include <drywire/contract/fixture.hpp>
#include <drywire/contract/nodes.hpp>
#include <drywire/contract/process.hpp>

#include <string>

namespace drywire::contract {

void recording_listener::close() {
  closing_ = true;
  to->close();
  if (closes != 0) violations.emplace_back("on_listener_closed: within close()");
  closing_ = false;
}

void recording_listener::on_accept(listener& from, stream& accepted) noexcept {
  recording_handler& made = on_.handler();
  if (closes != 0) made.violations.emplace_back("on_accept: behind on_listener_closed");
  if (to != nullptr && to != &from) made.violations.emplace_back("on_accept: of another listener");
  made.to = &accepted;
  accepted.set_handler(made);
  streams.push_back(&made);
  if (then_accept) then_accept(made);
}

void recording_listener::on_accept_error(listener&, error failure) noexcept {
  ++errors;
  last_error = failure;
  if (then_error) then_error();
}

void recording_listener::on_listener_closed(listener&) noexcept {
  ++closes;
  to = nullptr;
}

fixture::fixture(const loop_under_test& tested) : tested_(tested), loop_(tested.make()) {
  REQUIRE(loop_ != nullptr);
  watchdog_.emplace(loop_->core().remote());
}

fixture::~fixture() { forget(); }

// What a case asked for in callbacks would use locals of it that are gone.
void fixture::forget() {
  for (recording_listener& l : listeners_) {
    l.then_accept = nullptr;
    l.then_error = nullptr;
  }
  for (recording_handler& h : handlers_) h.forget();
}

void fixture::destroy_loop() { loop_.reset(); }

recording_listener& fixture::listen(const endpoint& where, const listen_options& options) {
  recording_listener& made = listeners_.emplace_back(*this);
  const result<listener*> listening = loop_->listen(where, made, options);
  INFO("listen on " << where.to_string() << ": " << listening.error().name());
  REQUIRE(listening);
  made.to = *listening;
  made.where = made.to->local();
  return made;
}

recording_handler& fixture::connect(const endpoint& where) {
  recording_handler& made = handler();
  stream& opened = loop_->connect(where, made);
  CHECK(made.order.empty());  // nothing is told from within connect()
  made.to = &opened;
  return made;
}

fixture::joined fixture::join() {
  recording_listener& listening = listen();
  recording_handler& client = connect(listening.where);
  run_until([&] { return client.opens == 1 && listening.streams.size() == 1; });
  listening.close();
  turn();
  return {client, *listening.streams[0]};
}

fixture::with_peer fixture::join_peer() {
  recording_listener& listening = listen();
  raw_peer peer(listening.where);
  run_until([&] { return listening.streams.size() == 1; });
  listening.close();
  turn();
  return {*listening.streams[0], std::move(peer)};
}

std::size_t fixture::fill(recording_handler& to) {
  constexpr int turns_until_quiet = 30;  // longer than an acknowledgement may be delayed
  const std::string order = to.order;
  std::size_t total = 0;
  do {
    to.writables = 0;
    total += to.fill();
    turn(turns_until_quiet);
    CHECK(to.writables <= 1);
  } while (to.writables != 0);
  to.order = order;
  return total;
}

void fixture::turn(int times) {
  for (int i = 0; i != times; ++i) (void)loop_->run_once(milliseconds(2));
}

void fixture::run() {
  CHECK(loop_->run() == error());
  REQUIRE_FALSE(watchdog_->expired());
}

void fixture::expect_idle() {
  constexpr duration used_max = milliseconds(20);  // a loop that spins uses most of 300
  const duration used = cpu_of_running(milliseconds(300));
  SUCCEED(cpu_figure << static_cast<double>(used.nanoseconds / 10'000) / 100 << " ms");
  CHECK(used < used_max);
}

duration fixture::cpu_of_running(duration how_long) {
  called_timer over([this] { loop_->stop(); });
  core().arm(over, loop_->time().steady + how_long);
  const duration before = cpu_time();
  run();
  return duration(cpu_time().nanoseconds - before.nanoseconds);
}

void fixture::tear_down() {
  forget();
  if (loop_ != nullptr) {
    for (recording_listener& l : listeners_) {
      if (l.to != nullptr) l.close();
    }
    for (recording_handler& h : handlers_) {
      if (h.to != nullptr) h.abort();
    }
    expect_nothing_left();
  }
  for (recording_listener& l : listeners_) {
    CHECK((l.to == nullptr && l.closes <= 1));
    for (const std::string& violation : l.violations) FAIL_CHECK(violation);
  }
  for (recording_handler& h : handlers_) {
    CHECK(h.to == nullptr);
    CHECK(h.closes <= 1);
    for (const std::string& violation : h.violations) FAIL_CHECK(violation);
  }
}

void fixture::expect_nothing_left() {
  constexpr duration ending_max = seconds(4);  // the timers of a case are gone: none is waited for
  const auto task = std::make_shared<int>(0);
  const instant begin = loop_->time().steady;
  const bool accepted = core().post([task] { ++*task; });  // not once it has detached
  run_until([this] { return !core().alive(); });
  CHECK(*task == (accepted ? 1 : 0));
  CHECK(task.use_count() == 1);
  CHECK(loop_->time().steady < begin + ending_max);
  CHECK(core().blocks().held() <= 1);  // the loop may keep the one that it lends from
}

}  // namespace drywire::contract
