// The native loop: sockets of the operating system on `poll`, nothing else needed.
#pragma once

#include <drywire/loop/poll.hpp>
#include <drywire/loop/socket_backend.hpp>

#include <memory>

namespace drywire {

/// Runs by itself, with run(), or nested in a loop of the application's, which drives it by a
/// descriptor and a deadline:
///
/// * Watch native_handle() for reading, level-triggered: one call takes a bounded number of what is
///   ready. It stays the loop's; stop watching it before the loop is destroyed.
/// * Wait until core().next_deadline() at most, asked anew right before each wait: not only the
///   loop's own callbacks change it, any call does, as arming a timer or aborting a stream.
/// * When the descriptor is readable or the deadline has passed, call run_once(duration()), which
///   waits for nothing. One call too many does no harm.
///
/// The host goes on as long as it likes. Its own reason to may be core().alive(): something is left
/// that could cause a turn. detach() calls its `done` at the end of run_once().
class native_loop : public socket_backend {
 public:
  /// Readable when something is ready. -1 over poll(2), which has no descriptor of its own: then a
  /// host can only call run_once() now and then.
  [[nodiscard]] virtual int native_handle() const noexcept = 0;

 protected:
  using socket_backend::socket_backend;
};

struct native_options {
  /// What its poll is opened over. Each will do; they differ in speed, and in native_handle().
  selector_kind selector = selectors().front();
};

/// The loop named "native". `failure`, if given, says why when the result is null: EMFILE, ENFILE
/// or ENOMEM.
[[nodiscard]] std::unique_ptr<native_loop> make_native(const native_options& options,
                                                       error* failure = nullptr);
[[nodiscard]] std::unique_ptr<native_loop> make_native(error* failure = nullptr);

}  // namespace drywire
