// The loop named "uv": in a uv_loop_t of its own or in the application's.
//
// Attached to an application's loop, what belongs to drywire keeps uv_run() going exactly as long
// as it would keep run() going - streams, paused ones too, listeners, armed timers - but for one
// thing: a posted task wakes the loop, yet doesn't keep uv_run() from returning.
#pragma once

#include <drywire/loop/backend.hpp>
#include <drywire/loop/error.hpp>

#include <memory>

struct uv_loop_s;  // uv_loop_t of uv.h

namespace drywire {

/// A backend with a loop of its own. `failure`, if given, says why when the result is null: EMFILE,
/// ENFILE or ENOMEM.
[[nodiscard]] std::unique_ptr<backend> make_uv(error* failure = nullptr);

/// A backend in `loop`, which the application runs, on the same thread; run() and run_once() don't.
/// Nothing here stops the loop, or runs it.
///
/// detach() is the clean way to leave: behind its `done`, which comes as libuv lets go of the last
/// handle, uv_walk() finds none of the backend's and `loop` needn't run again for it.
///
/// The backend may also be destroyed at any time that is not within one of its callbacks, from a
/// callback of the application's own too. But libuv frees a handle only in a turn of its loop: then
/// `loop` needs one more (of any mode of uv_run) before uv_loop_close() succeeds, and must not be
/// freed before that.
///
/// `failure` as above: EMFILE, ENFILE or ENOMEM, and the loop is as it was.
[[nodiscard]] std::unique_ptr<backend> attach_uv(uv_loop_s& loop, error* failure = nullptr);

}  // namespace drywire
