#include <drywire/loop/backend.hpp>
#include <drywire/loop/socket.hpp>

#include <cerrno>
#include <utility>

namespace drywire {

// Some libraries send with write(2), which has no flag that would keep the signal away.
backend::backend(loop_host& host) : core_(host) { ignore_sigpipe(); }

result<stream*> backend::adopt(int /*fd*/, stream_handler& /*handler*/) noexcept {
  return error(ENOTSUP);
}

result<datagram_socket*> backend::bind_datagram(const endpoint& /*where*/,
                                                datagram_handler& /*handler*/,
                                                const datagram_options& /*options*/) noexcept {
  return error(ENOTSUP);
}

// Held, so that a run() doesn't end on the way.
void backend::detach(task done) noexcept {
  if (std::exchange(detachment_.begun, true)) return;
  detachment_.done = std::move(done);
  core_.shut_down();
  core_.hold();
  core_.at_turn_end(detachment_);
}

void backend::go_on_detaching() noexcept {
  if (cancel_all()) return core_.at_turn_end(detachment_);
  core_.leave_host();
  leave_host();
}

void backend::host_let_go() noexcept {
  detachment_.host_let_go = true;
  core_.unhold();
}

void backend::tell_detached() noexcept {
  if (!detachment_.host_let_go) return;
  task done = std::move(detachment_.done);
  if (done) done();
}

}  // namespace drywire
