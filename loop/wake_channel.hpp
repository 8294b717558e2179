// What a waker writes to, to make a descriptor readable. The functions that open one have a file
// each, waker_<kind>.cpp.
#pragma once

#include <drywire/loop/error.hpp>
#include <drywire/loop/socket.hpp>

namespace drywire {

struct wake_channel {
  descriptor read_end;
  descriptor write_end;  // none where one descriptor is both
};

/// An eventfd. Errors: EMFILE, ENFILE, ENOMEM.
[[nodiscard]] result<wake_channel> open_wake_eventfd() noexcept;
/// A pipe. Errors: EMFILE, ENFILE.
[[nodiscard]] result<wake_channel> open_wake_pipe() noexcept;

/// Makes the read end readable, as an edge of its own. Leaves errno alone: signal handlers may call
/// it.
void write_wake(int read_end, int write_end) noexcept;
/// Takes back all wakes that were written before.
void drain_wakes(int read_end) noexcept;

}  // namespace drywire
