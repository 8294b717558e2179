// An application that waits in poll(2), and nests native loops in there by their descriptors.
#include "attached_host.hpp"

#include <drywire/loop/native.hpp>

#include <catch2/catch_test_macros.hpp>
#include <poll.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <vector>

namespace drywire::test {

namespace {

instant clock_now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return {t.tv_sec * 1'000'000'000 + t.tv_nsec};
}

// Upwards, so that it isn't early; at most a minute, then it looks again.
int poll_timeout(instant until) {
  const std::int64_t wait =
      until == instant::never() ? 60'000'000'000 : (until - clock_now()).nanoseconds;
  return static_cast<int>(std::clamp<std::int64_t>((wait + 999'999) / 1'000'000, 0, 60'000));
}

class poll_host final : public attached_host {
 public:
  ~poll_host() override { CHECK(guests_.empty()); }

  void run() override {
    while (ticks_left_ != 0 || any_alive()) run_once();
  }
  void run_once() override;
  void tick(int times, std::function<void(int)> work) override {
    work_ = std::move(work);
    ticks_left_ = times;
    ticks_ = 0;
    next_tick_ = clock_now() + milliseconds(1);
  }
  void stop_ticking() override { ticks_left_ = 0; }

  // All that is here of a guest is its descriptor, which somebody else closes.
  [[nodiscard]] bool has_remains() override { return false; }

 private:
  [[nodiscard]] std::unique_ptr<backend> make_guest() override {
    auto made = make_native();
    guests_.push_back(made.get());
    return made;
  }
  void forget(backend& gone) override {
    std::erase_if(guests_, [&](native_loop* g) { return g == &gone; });
  }
  [[nodiscard]] bool any_alive() const {
    return std::ranges::any_of(guests_, [](native_loop* g) { return g->core().alive(); });
  }
  [[nodiscard]] instant next_deadline() const;
  void tell_guests(const std::vector<pollfd>& answers);
  void tick_if_due();

  std::vector<native_loop*> guests_;
  std::function<void(int)> work_;
  int ticks_left_ = 0;
  int ticks_ = 0;
  instant next_tick_;
};

void poll_host::run_once() {
  std::vector<pollfd> asked;
  for (native_loop* g : guests_) asked.push_back({g->native_handle(), POLLIN, 0});
  (void)::poll(asked.data(), asked.size(), poll_timeout(next_deadline()));
  tell_guests(asked);
  tick_if_due();
}

instant poll_host::next_deadline() const {
  instant first = ticks_left_ != 0 ? next_tick_ : instant::never();
  for (native_loop* g : guests_) first = std::min(first, g->core().next_deadline());
  return first;
}

// One that is told may destroy others, or itself from what its detach() calls.
void poll_host::tell_guests(const std::vector<pollfd>& answers) {
  const std::vector<native_loop*> asked = guests_;
  for (std::size_t i = 0; i != answers.size(); ++i) {
    if (std::ranges::find(guests_, asked[i]) == guests_.end()) continue;
    const bool due = asked[i]->core().next_deadline() <= clock_now();
    if (answers[i].revents != 0 || due) (void)asked[i]->run_once(duration());
  }
}

void poll_host::tick_if_due() {
  if (ticks_left_ == 0 || next_tick_ > clock_now()) return;
  --ticks_left_;
  next_tick_ = clock_now() + milliseconds(1);
  work_(++ticks_);
}

}  // namespace

std::unique_ptr<attached_host> make_host() { return std::make_unique<poll_host>(); }

}  // namespace drywire::test
