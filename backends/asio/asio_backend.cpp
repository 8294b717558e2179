#include "asio_backend.hpp"

#include "asio_watch.hpp"

#include <drywire/asio/asio.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>

namespace drywire {

namespace {

// Handlers that run_once() calls at most, so that one which posts itself again can't keep it.
constexpr int handlers_a_turn_max = 256;

// Longer than anybody waits, and far from where the clock's arithmetic overflows.
constexpr duration wait_max_of_asio = seconds(24L * 60 * 60);

}  // namespace

std::unique_ptr<backend> make_asio(error* failure) {
  if (failure != nullptr) *failure = {};
  try {
    return std::make_unique<asio_owning_backend>();
  } catch (const std::system_error& e) {
    if (failure != nullptr) *failure = error(e.code().value());
  } catch (const std::bad_alloc&) {
    if (failure != nullptr) *failure = error(ENOMEM);
  }
  return nullptr;
}

std::unique_ptr<backend> attach_asio(asio_io_context& context) {
  return std::make_unique<asio_backend>(context);
}

asio_backend::asio_backend(net::io_context& context)
    : socket_backend(static_cast<loop_host&>(*this), sockets_),
      context_(context),
      turner_(std::make_shared<asio_turner>(context, core())) {}

asio_backend::~asio_backend() {
  core().shut_down();
  close_all();
  turner_->abandon();
}

void asio_backend::on_left() noexcept {
  host_let_go();
  tell_detached();
}

capability asio_backend::capabilities() const noexcept { return system_capabilities(); }

result<socket_watch*> asio_backend::watch(int fd, watched_socket& target) noexcept {
  auto* made = new (std::nothrow) asio_watch(context_, turner_, target);
  if (made == nullptr) return error(ENOMEM);
  if (const error failure = made->assign(fd)) {
    made->close();
    return failure;
  }
  return static_cast<socket_watch*>(made);
}

error asio_backend::run() noexcept { return error(ENOTSUP); }

bool asio_backend::run_once(duration /*wait_max*/) noexcept { return false; }

error asio_owning_backend::run() noexcept {
  if (running_ || core().in_scope()) return error(EBUSY);
  running_ = true;
  own_context.restart();
  while (!take_stop() && core().alive()) own_context.run_one();
  running_ = false;
  tell_detached();
  return {};
}

bool asio_owning_backend::run_once(duration wait_max) noexcept {
  if (running_ || core().in_scope()) return false;
  running_ = true;
  own_context.restart();
  const duration wait = std::clamp(wait_max, duration(0), wait_max_of_asio);
  int handlers_left = handlers_a_turn_max;
  if (own_context.run_one_for(wait.to<std::chrono::nanoseconds>()) != 0) {
    while (--handlers_left != 0 && own_context.poll_one() != 0) continue;
  }
  running_ = false;
  const bool left = core().alive();
  tell_detached();
  return left;
}

// A wake-up ends the wait that goes on.
void asio_owning_backend::stop() noexcept {
  stop_asked_.store(true, std::memory_order_release);
  wake();
}

bool asio_owning_backend::take_stop() noexcept {
  return stop_asked_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace drywire
