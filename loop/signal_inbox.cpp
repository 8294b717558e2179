#include <drywire/loop/signal_inbox.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace drywire {

namespace {

// What the signal's own handler finds, whatever thread it runs in.
struct signal_slot {
  std::atomic<signal_waker*> wakes = nullptr;  // of the loop that handles it
  std::atomic<bool> pending = false;
};

constinit std::array<signal_slot, 65> slots;
// Handlers that may be about to wake a loop.
constinit std::atomic<int> handlers_running = 0;

static_assert(std::atomic<signal_waker*>::is_always_lock_free &&
                  std::atomic<int>::is_always_lock_free,
              "a signal handler must not meet a lock");

// SIGPIPE is back to what every backend makes of it.
void restore_default(int signal_number) noexcept {
  struct sigaction action {};
  action.sa_handler = signal_number == SIGPIPE ? SIG_IGN : SIG_DFL;
  ::sigaction(signal_number, &action, nullptr);
}

}  // namespace

void signal_inbox::arrived(int signal_number) {
  ++handlers_running;
  signal_slot& slot = slots[static_cast<std::size_t>(signal_number)];
  if (signal_waker* wakes = slot.wakes) {
    slot.pending = true;
    wakes->wake_from_signal();
  }
  --handlers_running;
}

error signal_inbox::add(int signal_number, signal_handler& handler) noexcept {
  if (signal_number <= 0 || signal_number >= numbers_end) return error(EINVAL);
  const auto number = static_cast<std::size_t>(signal_number);
  signal_waker* nobody = nullptr;
  if (!slots[number].wakes.compare_exchange_strong(nobody, &waker_)) return error(EBUSY);
  struct sigaction action {};
  action.sa_handler = arrived;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  slots[number].pending = false;
  if (::sigaction(signal_number, &action, nullptr) != 0) {
    slots[number].wakes = nullptr;
    return error(EINVAL);
  }
  handlers_[number] = &handler;
  return {};
}

void signal_inbox::remove(int signal_number) noexcept {
  if (signal_number <= 0 || signal_number >= numbers_end) return;
  const auto number = static_cast<std::size_t>(signal_number);
  if (handlers_[number] == nullptr) return;
  handlers_[number] = nullptr;
  restore_default(signal_number);
  slots[number].wakes = nullptr;
  // One in another thread may have read the waker before; it is done in a moment.
  while (handlers_running != 0) {
  }
}

void signal_inbox::deliver() noexcept {
  for (std::size_t number = 1; number < handlers_.size(); ++number) {
    if (handlers_[number] == nullptr || !slots[number].pending.exchange(false)) continue;
    handlers_[number]->on_signal(static_cast<int>(number));
  }
}

bool signal_inbox::empty() const noexcept {
  return std::all_of(handlers_.begin(), handlers_.end(), [](auto* h) { return h == nullptr; });
}

void signal_inbox::remove_all() noexcept {
  for (int number = 1; number < numbers_end; ++number) remove(number);
}

}  // namespace drywire
