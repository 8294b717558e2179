#include "server_threads.hpp"

#include "failure.hpp"
#include "flag_values.hpp"

#include <algorithm>
#include <csignal>
#include <string>
#include <system_error>
#include <thread>

namespace drywire::tools {

namespace {

constexpr int signals[] = {SIGTERM, SIGINT};

// Without a time for the drain: longer than any exchange.
constexpr duration no_timeout = seconds(1'000'000'000);

std::string text_of(error why) { return std::string(why.message()); }

// Takes what comes before it is closed, which is nothing.
class deaf final : public accept_handler {
  void on_accept(listener&, stream&) noexcept override {}
  void on_listener_closed(listener&) noexcept override {}
};

}  // namespace

// The threads of all loops but the first. Dying stops those that still run.
class server_threads::running_threads {
 public:
  explicit running_threads(server_threads& of) : of_(of) {
    for (std::size_t i = 1; i < of.loops_.size(); ++i) start(i);
  }
  running_threads(const running_threads&) = delete;
  running_threads& operator=(const running_threads&) = delete;
  ~running_threads() {
    of_.stop_all();
    join();
  }

  void join() {
    for (std::thread& each : threads_) {
      if (each.joinable()) each.join();
    }
  }

 private:
  void start(std::size_t i) {
    try {
      threads_.emplace_back([&of = of_, i] {
        of.ends_[i] = of.loops_[i]->loop().run();
        if (of.ends_[i]) of.stop_all();
      });
    } catch (const std::system_error& e) {
      of_.stop_all();
      join();
      throw failure(std::string("--threads: ") + e.what());
    }
  }

  server_threads& of_;
  std::vector<std::thread> threads_;
};

server_threads::server_threads(const settings& wanted, bool traced, access_log* log)
    : wanted_(wanted), ends_(wanted.threads) {
  if (!wanted.site.metrics.empty()) {
    for (std::size_t i = 0; i < wanted.threads; ++i) {
      counters_.push_back(std::make_unique<site_counters>());
      all_counters_.push_back(counters_.back().get());
    }
  }
  const served_loop::shared shared{wanted, traced, log, all_counters_, room_};
  for (std::size_t i = 0; i < wanted.threads; ++i) {
    loops_.push_back(
        std::make_unique<served_loop>(shared, counters_.empty() ? nullptr : counters_[i].get()));
  }
  // Signals first: who reads that we listen may send one at once.
  handle_signals();
  listen();
}

server_threads::~server_threads() {
  for (const int number : signals) loops_[0]->loop().remove_signal(number);
}

void server_threads::handle_signals() {
  for (const int number : signals) {
    if (const error e = loops_[0]->loop().handle_signal(number, *this)) {
      throw failure("signal " + std::to_string(number) + ": " + text_of(e));
    }
  }
}

void server_threads::listen() {
  for (const endpoint& where : wanted_.listen) {
    if (loops_.size() > 1) check_shareable(where);
    listen_on(where);
  }
}

// The first loop gets the port; the others share it.
void server_threads::listen_on(const endpoint& where) {
  const listen_options options{.reuse_port = loops_.size() > 1};
  endpoint address = where;
  for (const auto& each : loops_) {
    const auto listening = each->server().listen(address, options);
    if (!listening) {
      throw failure("listen on " + address.to_string() + ": " + text_of(listening.error()));
    }
    address = *listening;
  }
  addresses_.push_back(address);
}

// A port is shared with any server of the same user that shares it as well, and silently: so it is
// tried without sharing first.
void server_threads::check_shareable(const endpoint& where) const {
  if (!has(loops_[0]->loop().capabilities(), capability::reuse_port)) {
    throw failure("--threads: the loop '" + wanted_.loop + "' can't share a port among threads");
  }
  if (where.is_unix()) {
    throw failure("--threads: " + where.to_string() + " can't be shared among threads");
  }
  if (where.port() == 0) return;
  deaf handler;
  const auto alone = make_loop(wanted_.loop);
  const auto free = alone->listen(where, handler);
  if (!free) throw failure("listen on " + where.to_string() + ": " + text_of(free.error()));
}

bool server_threads::run() {
  {
    running_threads others(*this);
    ends_[0] = loops_[0]->loop().run();
    if (!ends_[0] && !cut_off_) others.join();
  }
  for (const error e : ends_) {
    if (e) throw failure("loop '" + wanted_.loop + "': " + text_of(e));
  }
  const auto idle = [](const auto& each) { return each->server().connections() == 0; };
  return !cut_off_ || std::ranges::all_of(loops_, idle);
}

void server_threads::on_signal(int) noexcept {
  if (!signalled_) {
    signalled_ = true;
    drain();
  } else {
    cut_off();
  }
}

void server_threads::drain() noexcept {
  loop_core& first = loops_[0]->loop().core();
  first.arm(*this, first.time().steady + wanted_.drain_timeout.value_or(no_timeout));
  draining_ = loops_.size();
  // Behind what was posted before, to the loop of the signal as well: what was said in the chat is
  // told to everybody.
  for (const auto& each : loops_) {
    each->loop().core().post([this, &server = each->server()] {
      server.drain([this] { loops_[0]->loop().core().post([this] { end_one(); }); });
    });
  }
}

// When the last is done nothing keeps the first loop running any more.
void server_threads::end_one() noexcept {
  if (--draining_ == 0) timer::cancel();
}

void server_threads::cut_off() noexcept {
  cut_off_ = true;
  stop_all();
}

void server_threads::stop_all() noexcept {
  for (const auto& each : loops_) each->loop().stop();
}

}  // namespace drywire::tools
