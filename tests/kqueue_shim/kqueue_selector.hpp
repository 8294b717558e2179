// loop/poll_kqueue.cpp as the BSDs get it, on the kqueue that event.cpp emulates.
#pragma once

#include <drywire/loop/poll.hpp>

namespace drywire::test {

[[nodiscard]] selector_kind emulated_kqueue();

}  // namespace drywire::test
