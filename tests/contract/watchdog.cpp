#include <drywire/contract/watchdog.hpp>

#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace drywire::contract {

// Signals are for the loop's thread: this one, born with all of them blocked, gets none.
watchdog::watchdog(const loop_remote& loop) {
  ::sigset_t all;
  ::sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this, loop] { watch(loop); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

watchdog::~watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void watchdog::watch(const loop_remote& loop) {
  const auto over = [this] { return over_; };
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, case_time_max, over)) return;
  expired_ = true;
  loop.stop();
  if (changed_.wait_for(lock, case_time_max / 2, over)) return;
  std::fputs("contract: the case hangs, and stop() doesn't end it\n", stderr);
  std::abort();
}

}  // namespace drywire::contract
