#include "plain_backend.hpp"

#include <drywire/loop/socket_backend.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <vector>

using namespace drywire;

namespace plain {

namespace {

// What the loop waits for on one descriptor.
class plain_watch final : public socket_watch {
 public:
  plain_watch(int fd, watched_socket& target) noexcept : fd_(fd), target_(&target) {}

  void await_readable(seen) noexcept override { awaited_ |= POLLIN; }
  void await_writable() noexcept override { awaited_ |= POLLOUT; }
  void close() noexcept override {
    release();
    ::close(fd_);
  }
  void release() noexcept override { target_ = nullptr; }  // freed before the loop waits again

  [[nodiscard]] bool closed() const noexcept { return target_ == nullptr; }
  [[nodiscard]] pollfd question() const noexcept { return {awaited_ != 0 ? fd_ : -1, awaited_, 0}; }

  // A hang-up or an error answers both: the target's own call finds out what it is.
  void tell(short ready) noexcept {
    if ((ready & ~(POLLIN | POLLOUT)) != 0) ready = POLLIN | POLLOUT;
    const short told = static_cast<short>(ready & awaited_);
    if (!closed() && (told & POLLOUT) != 0) {
      awaited_ &= static_cast<short>(~POLLOUT);
      target_->on_writable();
    }
    if (!closed() && (told & POLLIN) != 0) {
      awaited_ &= static_cast<short>(~POLLIN);
      target_->on_readable();
    }
  }

 private:
  int fd_;
  watched_socket* target_;
  short awaited_ = 0;
};

class plain_backend final : private loop_host, public socket_backend {
 public:
  plain_backend() : socket_backend(static_cast<loop_host&>(*this), sockets_) {}

  ~plain_backend() override {
    core().shut_down();  // no thread wakes us any more
    close_all();         // everybody hears ECANCELED
  }

  [[nodiscard]] error open() noexcept {
    int ends[2] = {};
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return error(errno);
    wake_out_ = descriptor(ends[0]);
    wake_in_ = descriptor(ends[1]);
    return {};
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "plain"; }

  [[nodiscard]] capability capabilities() const noexcept override { return system_capabilities(); }

  [[nodiscard]] error run() noexcept override {
    if (running_ || core().in_scope()) return error(EBUSY);
    running_ = true;
    while (!stopped_.exchange(false) && core().alive()) turn(duration::max());
    running_ = false;
    tell_detached();  // may destroy this
    return {};
  }

  bool run_once(duration wait_max) noexcept override {
    if (running_ || core().in_scope()) return false;
    turn(wait_max);
    const bool left = core().alive();
    tell_detached();
    return left;
  }

 private:
  // What loop_core asks of its host.
  void wake() noexcept override {
    const char byte = 0;
    (void)!::write(wake_in_.get(), &byte, 1);  // a full pipe wakes as well
  }
  void stop() noexcept override {
    stopped_ = true;
    wake();
  }
  void set_deadline(instant deadline) noexcept override { deadline_ = deadline; }

  // What socket_backend asks of a loop.
  [[nodiscard]] result<socket_watch*> watch(int fd, watched_socket& target) noexcept override {
    watches_.push_back(std::make_unique<plain_watch>(fd, target));
    return static_cast<socket_watch*>(watches_.back().get());
  }

  void turn(duration wait_max) noexcept {
    const bool some_ready = ask(wait_max);
    const bool woken = answers_[0].revents != 0;
    if (woken) drain_wake_pipe();
    if (some_ready) tell_watches();
    if (woken || deadline_ <= time().steady) core().turn();
  }

  // The first answer is the pipe's, the others are those of the watches, in their order.
  [[nodiscard]] bool ask(duration wait_max) noexcept {
    std::erase_if(watches_, [](const auto& watch) { return watch->closed(); });
    answers_.assign(1, pollfd{wake_out_.get(), POLLIN, 0});
    for (const auto& watch : watches_) answers_.push_back(watch->question());
    const timespec timeout = time_to_wait(wait_max);
    const int ready = ::ppoll(answers_.data(), answers_.size(), &timeout, nullptr);
    if (ready < 0) answers_[0].revents = 0;  // a signal came, and no answer
    return ready > (answers_[0].revents != 0 ? 1 : 0);
  }

  void drain_wake_pipe() noexcept {
    char bytes[64];
    (void)!::read(wake_out_.get(), bytes, sizeof bytes);
  }

  // Those that are opened meanwhile have no answer yet.
  void tell_watches() noexcept {
    const loop_core::callback_scope scope(core());
    for (std::size_t i = 1; i != answers_.size(); ++i) watches_[i - 1]->tell(answers_[i].revents);
  }

  [[nodiscard]] timespec time_to_wait(duration wait_max) const noexcept {
    constexpr std::int64_t ns_per_second = 1'000'000'000;
    constexpr std::int64_t longest = 3600 * ns_per_second;  // then we look again
    std::int64_t wait = std::min(wait_max.nanoseconds, longest);
    if (deadline_ != instant::never())
      wait = std::min(wait, (deadline_ - time().steady).nanoseconds);
    wait = std::max(wait, std::int64_t{0});
    return {wait / ns_per_second, wait % ns_per_second};
  }

  system_sockets sockets_;
  std::vector<std::unique_ptr<plain_watch>> watches_;
  std::vector<pollfd> answers_;
  descriptor wake_out_;
  descriptor wake_in_;
  instant deadline_ = instant::never();
  std::atomic<bool> stopped_ = false;
  bool running_ = false;
};

}  // namespace

std::unique_ptr<backend> make_plain() {
  auto made = std::make_unique<plain_backend>();
  if (made->open()) return nullptr;
  return made;
}

}  // namespace plain
